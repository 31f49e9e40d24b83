"""What is due, old or nearly full is told once in its time; what is in order is not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from application.access.revoke_token import RevokeToken
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.examine_state import LEASE, TASK, ExamineState
from application.alerts.list_alerts import ListAlerts
from application.alerts.list_decoys import ListDecoys
from application.alerts.raise_alert import RaiseAlert
from application.alerts.raise_test_alert import RaiseTestAlert
from application.alerts.set_decoy import SetDecoy
from application.secrets.update_secret import UpdateSecret
from application.turn import Turns
from application.webhooks.read_deliveries import ReadDeliveries
from domain.access.pattern import NamePattern
from domain.alerts.alert import Alert, Rule
from domain.alerts.conditions import secret_expires
from domain.alerts.query import AlertQuery
from domain.alerts.thresholds import Thresholds
from domain.audit.record import AuditRecord
from domain.backups.run import BackupRun
from domain.errors import InvalidInput, LostRace, NotFound
from domain.ports.room import Room
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from domain.webhooks.delivery import DeliveryState
from domain.webhooks.notice import Topic
from domain.webhooks.receiver import Receiver
from tests.fakes import CALLER, START, never
from tests.house import House

DAY = timedelta(days=1)
ONE = SecretId(1)
NONE = timedelta(0)
USUAL = Thresholds()
OFF = Thresholds(
    expiry=NONE, secret_age=NONE, key_age=NONE, token_expiry=NONE, token_unused=NONE,
    disk_percent=0, verify_every=NONE,
)  # fmt: skip


class FixedRoom(Room):
    """A disk that is as full as it is told to be."""

    def __init__(self) -> None:
        self.percent: int | None = 50

    def used_percent(self) -> int | None:
        return self.percent


class Examined:
    """A house that is looked at."""

    def __init__(self, house: House, limits: Thresholds = USUAL) -> None:
        self.house = house
        self.room = FixedRoom()
        self.raised: list[Alert] = []
        self._limits = limits

    def look(
        self, stopping: Callable[[], bool] = never, holder: str = "this process"
    ) -> list[tuple[Rule, str]]:
        """Look, and return what was raised."""
        house = self.house
        self.raised.clear()
        ExamineState(
            storage=house.storage,
            clock=house.clock,
            turns=Turns(storage=house.storage, clock=house.clock, holder=holder),
            room=self.room,
            verify_log=house.verify_log,
            raise_alert=RaiseAlert(announce=house.announce, clock=house.clock),
            limits=self._limits,
            told=self.raised.extend,
        )(stopping)
        return [(alert.rule, alert.summary) for alert in self.raised]

    def looked(self) -> list[Alert]:
        """Look, and return what was raised, whole."""
        self.look()
        return list(self.raised)

    def rules(self) -> list[Rule]:
        """Look, and return which rules have raised something."""
        return [rule for rule, _ in self.look()]


@pytest.fixture
def examined(house: House) -> Examined:
    return Examined(house)


def test_what_is_in_order_raises_nothing(examined: Examined) -> None:
    examined.house.create("a", expires_at=START + 30 * DAY)
    examined.house.token("ci", "reader", expires_at=START + 30 * DAY)
    assert examined.look() == []


def test_a_secret_that_expires_soon_is_told_once_for_each_date(examined: Examined) -> None:
    examined.house.create("a", expires_at=START + 10 * DAY)
    assert examined.look() == []
    examined.house.clock.advance(4 * DAY)
    told = [(Rule.SECRET_EXPIRY, "the secret a expires at 2026-12-03T12:00:00.000000Z")]
    assert examined.look() == told
    examined.house.clock.advance(DAY)
    assert examined.look() == []
    (alert,) = examined.house.run(ListAlerts())
    assert alert.repeats == 0
    examined.house.run(UpdateSecret(reference=ONE, expires_at=START + 11 * DAY))
    assert examined.rules() == [Rule.SECRET_EXPIRY]


def test_a_secret_without_a_date_is_told_of_with_the_moment(house: House) -> None:
    assert secret_expires(house.create("a"), START).key.endswith("2026-11-23T12:00:00.000000Z")


def test_a_value_that_was_not_changed_for_long_is_told(house: House) -> None:
    examined = Examined(house, Thresholds(secret_age=90 * DAY, key_age=NONE))
    house.create("a")
    house.clock.advance(91 * DAY)
    assert (Rule.SECRET_AGE, "the value of a has not been changed for 91 days") in examined.look()
    house.run(UpdateSecret(reference=ONE, value=SecretValue("new")))
    house.clock.advance(89 * DAY)
    assert examined.rules() == []


def test_keys_that_are_old_are_told_weekly_until_they_are_rotated(examined: Examined) -> None:
    examined.house.clock.advance(400 * DAY)
    assert examined.rules() == [Rule.KEY_AGE, Rule.KEY_AGE]
    examined.house.clock.advance(6 * DAY)
    assert examined.rules() == []
    examined.house.rotate_data_key(CALLER)
    examined.house.clock.advance(DAY)
    assert examined.look() == [(Rule.KEY_AGE, "the root key is 407 days old, rotate it")]


def test_a_store_without_keys_is_looked_at(house: House) -> None:
    assert Examined(House(MemoryStorage())).look() == []
    assert house is not None


def test_tokens_that_expire_soon_or_are_not_used_are_told(house: House) -> None:
    examined = Examined(house, Thresholds(key_age=NONE))
    house.token("soon", "reader", expires_at=START + 95 * DAY)
    house.token("idle", "reader")
    house.token("over", "reader", expires_at=START + DAY)
    house.token("gone", "reader")
    house.run_within(RevokeToken(number=4))
    assert [alert.key for alert in examined.looked()] == ["token 3"]
    house.clock.advance(90 * DAY)
    rules = sorted((rule.value, alert.key) for rule, alert in zip(
        examined.rules(), examined.raised, strict=True
    ))  # fmt: skip
    assert rules == [
        ("token-expiry", "token 1"), ("token-unused", "token 1"), ("token-unused", "token 2"),
    ]  # fmt: skip
    assert examined.look() == []


def test_a_backup_that_failed_or_is_overdue_is_told(house: House) -> None:
    examined = Examined(house, Thresholds(backup_age=2 * DAY))
    begun = BackupRun(scheduled=True, started_at=START, place="file:/b", name="one")
    run = house.storage.write(lambda s: s.backup_runs.add(begun)).result()
    assert examined.look() == []
    house.storage.write(lambda s: s.backup_runs.replace(run.failed(START, "full"))).result()
    assert examined.look() == [(Rule.BACKUP, "the backup one failed: full")]
    house.clock.advance(2 * DAY)
    assert examined.look() == [
        (Rule.BACKUP, "no backup was made since the first try, 48 hours ago")
    ]
    done = run.done(START + DAY, size=1, values=1, entries=1)
    house.storage.write(lambda s: s.backup_runs.replace(done)).result()
    house.clock.advance(DAY)
    assert examined.look() == [(Rule.BACKUP, "the newest backup is 72 hours old")]
    again = replace(begun, started_at=house.clock.now())
    added = house.storage.write(lambda s: s.backup_runs.add(again)).result()
    now = house.clock.now()
    house.storage.write(
        lambda s: s.backup_runs.replace(added.done(now, size=1, values=1, entries=1))
    ).result()
    house.clock.advance(DAY)
    assert examined.look() == []


def test_a_disk_that_is_nearly_full_is_told_daily(examined: Examined) -> None:
    examined.room.percent = 90
    assert examined.look() == [(Rule.DISK, "the disk of the store is 90 % full")]
    assert examined.look() == []
    examined.house.clock.advance(DAY)
    assert examined.rules() == [Rule.DISK]
    examined.room.percent = None
    examined.house.clock.advance(DAY)
    assert examined.look() == []


def test_a_log_that_does_not_verify_is_told(examined: Examined, house: House) -> None:
    house.create("a")
    house.create("b")

    def damage(session: Any) -> None:
        record: AuditRecord = session.audit._tables.audit[1]
        session.audit._tables.audit.put(
            1, AuditRecord(number=1, leaf=bytes(32), entry=record.entry)
        )

    assert examined.look() == []
    house.storage.write(damage).result()
    assert examined.look() == [], "it was verified lately"
    house.clock.advance(DAY)
    (found,) = examined.look()
    assert found[0] is Rule.AUDIT_LOG
    assert found[1].startswith("the audit log does not verify: ")
    house.clock.advance(DAY)
    assert examined.look(stopping=lambda: True) == []


def test_rules_that_are_off_say_nothing(house: House) -> None:
    examined = Examined(house, OFF)
    house.create("a", expires_at=START + 4000 * DAY)
    house.token("idle", "reader", expires_at=START + 4000 * DAY)
    house.clock.advance(3999 * DAY)
    examined.room.percent = 100
    assert examined.look() == []


def test_one_process_at_a_time_looks(examined: Examined) -> None:
    house = examined.house
    examined.room.percent = 99
    other = Turns(storage=house.storage, clock=house.clock, holder="two")
    with other.taken(TASK, LEASE):
        assert examined.look() == []
    assert examined.rules() == [Rule.DISK]


def test_an_alert_is_acknowledged_by_the_first_who_does(house: House) -> None:
    raised = house.run(RaiseTestAlert())
    done = house.run(AcknowledgeAlert(number=raised.id))
    assert (done.acknowledged_at, done.acknowledged_by) == (START, CALLER.principal)
    house.clock.advance(DAY)
    assert house.run(AcknowledgeAlert(number=raised.id)) == done
    assert house.run(ListAlerts(query=AlertQuery(acknowledged=False))) == []
    with pytest.raises(NotFound, match="alert"):
        house.run(AcknowledgeAlert(number=99))


def test_a_test_is_told_to_every_receiver_of_alerts_and_shown() -> None:
    names = (NamePattern("prod/**"),)
    topics = frozenset({Topic.ALERTS})
    receivers = [Receiver(name="one", topics=topics, names=names)]
    house = House(MemoryStorage(), receivers=receivers).opened()
    house.run(RaiseTestAlert())
    read = house.run(ReadDeliveries(state=DeliveryState.WAITING))
    assert [tally.receiver for tally in read.tallies] == ["one"]
    assert list(read.receivers) == ["one"]
    assert read.deliveries[0].notice.summary == "this is a test that tester has asked for"
    with pytest.raises(LostRace):
        house.run(RaiseTestAlert())
    house.clock.advance(-DAY)
    with pytest.raises(LostRace):
        house.run(RaiseTestAlert())
    for limit in (0, 1001):
        with pytest.raises(InvalidInput):
            ReadDeliveries(limit=limit)


def test_decoys_are_listed(house: House) -> None:
    house.create("a")
    house.run(SetDecoy(reference=ONE, on=True))
    listed: Sequence[Any] = house.run(ListDecoys())
    assert [decoy.name for decoy in listed] == ["a"]
