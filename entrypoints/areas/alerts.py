"""Alerts, put together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from adapters.system.disk import Disk
from adapters.system.pace import DutyCycle
from application.alerts.acknowledge_alert import AcknowledgeAlert, AcknowledgeAlertUseCase
from application.alerts.examine_state import ExamineState
from application.alerts.forget_habits import ForgetHabits
from application.alerts.list_alerts import ListAlerts, ListAlertsUseCase
from application.alerts.list_decoys import ListDecoys, ListDecoysUseCase
from application.alerts.raise_alert import RaiseAlert
from application.alerts.raise_test_alert import RaiseTestAlert, RaiseTestAlertUseCase
from application.alerts.set_decoy import SetDecoy, SetDecoyUseCase
from application.alerts.watch_log import WatchLog
from application.alerts.watch_store import WatchStore
from application.audit.follow_log import FOLLOWING, FollowLog
from application.audit.verify_log import VerifyLog
from application.turn import Turns
from application.use_case import UseCase
from application.webhooks.announce import Announce
from application.webhooks.read_deliveries import ReadDeliveries, ReadDeliveriesUseCase
from application.webhooks.tell_changes import TellChanges
from domain.alerts.alert import Alert, Rule, Severity
from domain.alerts.thresholds import Thresholds
from domain.ports.clock import Clock
from domain.ports.notifier import Notifier
from domain.ports.randomness import Randomness
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac
from domain.webhooks.notice import Topic
from entrypoints.settings import Settings

FOLLOWING_SHARE = 0.25
"""The share of its time that going through a long log works, while callers are answered."""

_log = structlog.get_logger("strongroom")


def alerts_use_cases(clock: Clock, announce: Announce) -> Mapping[type, UseCase[Any, Any]]:
    """Return the use cases by command."""
    raise_alert = RaiseAlert(announce=announce, clock=clock)
    return {
        ListAlerts: ListAlertsUseCase(),
        AcknowledgeAlert: AcknowledgeAlertUseCase(clock=clock),
        RaiseTestAlert: RaiseTestAlertUseCase(
            raise_alert=raise_alert, clock=clock, told=tell_raised
        ),
        SetDecoy: SetDecoyUseCase(clock=clock),
        ListDecoys: ListDecoysUseCase(),
        ReadDeliveries: ReadDeliveriesUseCase(receivers=announce.receivers),
    }


def build_thresholds(settings: Settings) -> Thresholds:
    """Return from where on something is unusual."""
    return Thresholds(
        reads=settings.alert_reads,
        denials=settings.alert_denials,
        window=timedelta(minutes=settings.alert_window_minutes),
        quiet=timedelta(minutes=settings.alert_quiet_minutes),
        first_reads=settings.alert_first_reads,
        unusual_hours=settings.alert_unusual_hours,
        decoys=settings.alert_decoys,
        learning=timedelta(days=settings.alert_learning_days),
        expiry=timedelta(days=settings.alert_expiry_days),
        secret_age=timedelta(days=settings.alert_secret_days),
        key_age=timedelta(days=settings.alert_key_days),
        token_expiry=timedelta(days=settings.alert_token_expiry_days),
        token_unused=timedelta(days=settings.alert_token_unused_days),
        backup_age=timedelta(hours=settings.alert_backup_hours or 2 * settings.backup_every_hours),
        disk_percent=settings.alert_disk_percent,
        verify_every=timedelta(hours=settings.alert_verify_hours),
    )


def build_follow_log(
    settings: Settings,
    storage: Storage,
    clock: Clock,
    turns: Turns,
    announce: Announce,
    macs: TipMac,
) -> FollowLog[Sequence[Alert]]:
    """Return what goes through the audit log, tells of changes, and raises alerts."""
    tell_changes = TellChanges(
        storage=storage,
        announce=announce,
        clock=clock,
        give_up=timedelta(hours=settings.webhook_give_up_hours),
    )
    watch_log = WatchLog(
        storage=storage,
        raise_alert=RaiseAlert(announce=announce, clock=clock),
        clock=clock,
        limits=build_thresholds(settings),
    )

    def fold(after: int, upto: int) -> Callable[[Session], Sequence[Alert]]:
        tell, watch = tell_changes(after, upto), watch_log(after, upto)

        def keep(session: Session) -> Sequence[Alert]:
            tell(session)
            return watch(session)

        return keep

    return FollowLog(
        name=FOLLOWING,
        storage=storage,
        turns=turns,
        macs=macs,
        pace=DutyCycle(FOLLOWING_SHARE),
        fold=fold,
        told=tell_raised,
    )


def build_forget_habits(settings: Settings, storage: Storage, clock: Clock) -> ForgetHabits:
    """Return what erases what is remembered of callers who are gone."""
    return ForgetHabits(
        storage=storage, clock=clock, pace=DutyCycle(FOLLOWING_SHARE), days=settings.activity_days
    )


def build_examine_state(
    settings: Settings,
    storage: Storage,
    clock: Clock,
    turns: Turns,
    announce: Announce,
    verify_log: VerifyLog,
) -> ExamineState:
    """Return what looks at dates, ages, the disk and the audit log."""
    return ExamineState(
        storage=storage,
        clock=clock,
        turns=turns,
        room=Disk(settings.data_dir),
        verify_log=verify_log,
        raise_alert=RaiseAlert(announce=announce, clock=clock),
        limits=build_thresholds(settings),
        told=tell_raised,
    )


def build_watch_store(
    settings: Settings,
    storage: Storage,
    macs: TipMac,
    clock: Clock,
    randomness: Randomness,
    notifiers: Mapping[str, Notifier],
) -> WatchStore:
    """Return what tells that the store cannot be written."""
    names = [one.name for one in settings.receivers if Topic.ALERTS.value in one.sends]
    return WatchStore(
        storage=storage,
        macs=macs,
        clock=clock,
        randomness=randomness,
        notifiers={name: notifiers[name] for name in names},
        quiet=timedelta(minutes=settings.alert_quiet_minutes),
        told=tell_not_written,
    )


def tell_not_written(detail: str, failed: str) -> None:
    """Say in the log that nothing can be written, and which receivers could not be told."""
    _log.error("alert", rule=Rule.AUDIT_LOG.value, detail=detail, not_told=failed or None)


def tell_raised(alerts: Sequence[Alert]) -> None:
    """Say in the log what was raised."""
    for alert in alerts:
        say = _log.error if alert.severity is Severity.CRITICAL else _log.warning
        say("alert", id=alert.id, rule=alert.rule.value, summary=alert.summary, **_extra(alert))


def _extra(alert: Alert) -> dict[str, object]:
    """Return details under names that nothing else in a line of the log has."""
    return {f"detail_{name}": value for name, value in alert.details.items()}
