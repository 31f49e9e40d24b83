"""Trying out every way in which alerts are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.alerts.raise_alert import RaiseAlert
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.alerts.alert import Alert, Finding, Rule
from domain.audit.event import Subject
from domain.errors import LostRace
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseTestAlert:
    """Ask for an alert that means nothing."""


class RaiseTestAlertUseCase(RightsUseCase[RaiseTestAlert, Alert]):
    """Raises a real alert, which goes the way of all others."""

    action = Action.RAISE_TEST_ALERT
    changes = True

    def __init__(
        self,
        *,
        raise_alert: RaiseAlert,
        clock: Clock,
        told: Callable[[Sequence[Alert]], object],
    ) -> None:
        """Take what raises and what dates; `told` writes what is raised into the log."""
        self._raise_alert = raise_alert
        self._told = told
        self._clock = clock

    def perform_for(
        self, rights: Rights, command: RaiseTestAlert, secret: Secret | None, session: Session
    ) -> Done[Alert]:
        """Raise it.

        Raises:
            LostRace: another one was raised at the same moment.
        """
        finding = Finding(
            rule=Rule.TEST,
            key="test",
            at=self._clock.now(),
            summary=f"this is a test that {rights.principal} has asked for",
            details={"principal": rights.principal},
            quiet=timedelta(0),
        )
        alert = self._raise_alert(session, finding)
        if alert is None:  # the clock has been put back
            raise LostRace
        self._told([alert])
        return Done(result=alert, subject=Subject(reference=f"alert {alert.id}"))
