"""The contract of what alerts need: kept, found again, counted, and never twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.testing.examples import DAY, NOW, event, keep, recorded
from domain.access.action import Action
from domain.alerts.alert import Alert, Finding, Rule, Severity
from domain.alerts.habit import Habit
from domain.alerts.query import AlertQuery
from domain.alerts.sighting import Sighting
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.errors import LostRace
from domain.ports.decoys import Decoy
from domain.ports.habits import ANYBODY
from domain.ports.outlived_habits import FirstRead
from domain.ports.storage import Session, Storage

UID = b"1" * 16
MINUTE = int(NOW.timestamp()) // 60
FINDING = Finding(
    rule=Rule.DECOY, key="decoy 🗝", at=NOW, summary="somebody has touched é", quiet=DAY,
    details={"name": "é", "count": 2, "known": True, "nothing": None}, about="é",
)  # fmt: skip


READING = Sighting(
    minute=MINUTE, principal="p", address="10.0.0.1", action=Action.REVEAL, outcome=Outcome.DONE,
    uid=UID, name="n", count=1, first=1,
)  # fmt: skip


class AlertContract:
    """Alerts are kept with every field, once for a moment, and listed the newest first."""

    def test_an_alert_comes_back_with_every_field(self, storage: Storage) -> None:
        made = _raise(storage, FINDING)
        assert made == Alert(
            id=made.id, rule=Rule.DECOY, severity=Severity.CRITICAL, key="decoy 🗝", at=NOW,
            raised_at=NOW + DAY, summary="somebody has touched é", details=FINDING.details,
            quiet_until=NOW + DAY,
        )  # fmt: skip
        assert storage.read(lambda s: s.alerts.find(made.id)).result() == made
        assert storage.read(lambda s: s.alerts.find(made.id + 1)).result() is None
        changed = replace(
            made, repeats=2**40, acknowledged_at=NOW, acknowledged_by="somebody",
            quiet_until=NOW + 2 * DAY,
        )  # fmt: skip
        storage.write(lambda s: s.alerts.replace(changed)).result()
        assert storage.read(lambda s: s.alerts.find(made.id)).result() == changed

    def test_the_same_is_raised_once_for_a_moment(self, storage: Storage) -> None:
        made = _raise(storage, FINDING)
        with pytest.raises(LostRace):
            _raise(storage, FINDING)
        later = _raise(storage, replace(FINDING, at=NOW + DAY))
        _raise(storage, replace(FINDING, key="other"))
        found = storage.read(lambda s: s.alerts.newest(Rule.DECOY, "decoy 🗝")).result()
        assert found == later
        assert later.id > made.id
        assert storage.read(lambda s: s.alerts.newest(Rule.READS, "decoy 🗝")).result() is None

    def test_alerts_are_filtered_and_paged(self, storage: Storage) -> None:
        first, second, third = (
            _raise(storage, replace(FINDING, rule=rule, key=rule.value))
            for rule in (Rule.READS, Rule.DISK, Rule.TEST)
        )
        seen = replace(second, acknowledged_at=NOW, acknowledged_by="x")
        storage.write(lambda s: s.alerts.replace(seen)).result()

        def ids(query: AlertQuery) -> list[int]:
            return [found.id for found in storage.read(lambda s: s.alerts.page(query)).result()]

        assert ids(AlertQuery()) == [third.id, second.id, first.id]
        assert ids(AlertQuery(limit=2)) == [third.id, second.id]
        assert ids(AlertQuery(before=second.id)) == [first.id]
        assert ids(AlertQuery(rule=Rule.DISK)) == [second.id]
        assert ids(AlertQuery(acknowledged=True)) == [second.id]
        assert ids(AlertQuery(acknowledged=False)) == [third.id, first.id]


class WatchingContract:
    """The log is counted by the minute, and what rules remember is kept."""

    def test_entries_of_one_minute_are_counted_together(self, storage: Storage) -> None:
        one, other = Subject(uid=UID, name="n"), Subject(uid=b"2" * 16, name="m")
        for at, of in ((NOW, one), (NOW, other), (NOW, one), (NOW + timedelta(minutes=1), one)):
            recorded(storage, _read(at, of))
        recorded(storage, replace(_read(NOW, one), outcome=Outcome.DENIED))
        group = replace(READING, uid=None, name=None)
        counted = storage.read(lambda s: list(s.sightings.counted(after=0, upto=4))).result()
        assert counted == [
            replace(group, count=3, first=1), replace(group, minute=MINUTE + 1, first=4),
        ]  # fmt: skip
        rest = storage.read(lambda s: list(s.sightings.counted(after=4, upto=9))).result()
        assert rest == [replace(group, outcome=Outcome.DENIED, first=5)]

    def test_first_readings_are_those_that_are_not_known(self, storage: Storage) -> None:
        one, other = Subject(uid=UID, name="n"), Subject(uid=b"2" * 16, name="m")
        for of in (one, other, replace(one, name="o"), Subject(reference="x")):
            recorded(storage, _read(NOW, of))
        recorded(storage, replace(_read(NOW, one), address="-"))
        recorded(storage, replace(_read(NOW, one), outcome=Outcome.DENIED))
        recorded(storage, replace(_read(NOW, one), action=Action.READ))

        def found() -> list[Sighting]:
            return storage.read(
                lambda s: list(s.sightings.first_readings(after=0, upto=9))
            ).result()

        second = replace(READING, uid=other.uid, name="m", first=2)
        assert found() == [replace(READING, name="o", count=2), second]
        storage.write(lambda s: s.habits.note_reads({("p", UID): NOW})).result()
        storage.write(lambda s: s.habits.note_reads({(ANYBODY, b"2" * 16): NOW})).result()
        assert found() == [second]

    def test_what_touches_a_decoy_is_found(self, storage: Storage) -> None:
        for of in (Subject(uid=UID, name="n"), Subject(uid=b"2" * 16, name="m"), Subject()):
            recorded(storage, _read(NOW, of))

        def found() -> list[Sighting]:
            return storage.read(
                lambda s: list(s.sightings.touching_decoys(after=0, upto=9))
            ).result()

        assert found() == []
        decoy = Decoy(uid=UID, name="n", after=0, set_at=NOW, set_by="somebody")
        storage.write(lambda s: s.decoys.put(decoy)).result()
        assert found() == [READING]

    def test_windows_are_counted_and_forgotten(self, storage: Storage) -> None:
        def add(key: str, minute: int, count: int) -> None:
            storage.write(lambda s: s.windows.add("r", key, minute=minute, count=count)).result()

        def total(since: int, until: int) -> int:
            return storage.read(
                lambda s: s.windows.total("r", "k", since=since, until=until)
            ).result()

        assert total(0, 99) == 0
        for minute, count in ((10, 1), (10, 2), (11, 2**40), (12, 5)):
            add("k", minute, count)
        add("other", 10, 7)
        assert (total(10, 11), total(11, 12)) == (2**40 + 3, 2**40 + 5)
        storage.write(lambda s: s.windows.forget(before=11)).result()
        assert total(0, 99) == 2**40 + 5

    def test_habits_are_kept_by_caller(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.habits.of("p")).result() is None
        habit = Habit(principal="p", since=NOW, hours=2**23 + 1, days=3, last_day=739000)
        storage.write(lambda s: s.habits.keep(habit)).result()
        assert storage.read(lambda s: s.habits.of("p")).result() == habit
        changed = habit.after(NOW + 400 * DAY)
        storage.write(lambda s: s.habits.keep(changed)).result()
        assert storage.read(lambda s: s.habits.of("p")).result() == changed

    def test_first_readings_are_kept_by_caller_and_secret(self, storage: Storage) -> None:
        storage.write(lambda s: s.habits.note_reads({("p", UID): NOW})).result()
        storage.write(lambda s: s.habits.note_reads({(ANYBODY, UID): NOW - DAY})).result()

        def first(principal: str, uid: bytes) -> datetime | None:
            found = storage.read(lambda s: s.habits.first_reads([principal], [uid])).result()
            return found.get((principal, uid))

        assert (first("p", UID), first(ANYBODY, UID)) == (NOW, NOW - DAY)
        assert first("p", b"2" * 16) is None
        assert first("q", UID) is None
        storage.write(lambda s: s.habits.note_reads({})).result()
        several = {("q", bytes([number]) * 16): NOW for number in range(9)}
        storage.write(lambda s: s.habits.note_reads(several)).result()
        asked = storage.read(
            lambda s: s.habits.first_reads(["p", "q"], [UID, *(uid for _, uid in several)])
        ).result()
        assert asked == {**several, ("p", UID): NOW}

    def test_what_is_remembered_of_who_and_what_is_gone_is_erased(self, storage: Storage) -> None:
        secret, today = keep(storage, "n"), NOW.date()
        callers = ("away", "here", ANYBODY)

        def remember(session: Session) -> None:
            for principal, last in (("away", today - 2 * DAY), ("here", today - DAY)):
                habit = Habit(principal=principal, since=NOW, last_day=last.toordinal())
                session.habits.keep(habit)
            for principal in callers:
                reads = {(principal, secret.uid): NOW, (principal, UID): NOW}
                session.habits.note_reads(reads)

        def find(session: Session) -> Sequence[FirstRead]:
            return session.outlived_habits.find(before=today - DAY, limit=2)

        def forget(outlived: Sequence[FirstRead]) -> None:
            storage.write(lambda s: s.outlived_habits.forget(outlived, before=today - DAY)).result()

        def known() -> list[str]:
            return storage.read(lambda s: [who for who in callers if s.habits.of(who)]).result()

        def left(session: Session) -> list[str]:
            found = session.habits.first_reads(callers, [secret.uid])
            return [who for who in callers if (who, secret.uid) in found]

        storage.write(remember).result()
        first = storage.read(find).result()
        assert len(first) == 2
        forget(first[:1])
        assert known() == ["away", "here"]
        while outlived := storage.read(find).result():
            forget(outlived)
        assert known() == ["here"]
        assert storage.read(left).result() == ["here", ANYBODY]

    def test_decoys_are_kept_apart(self, storage: Storage) -> None:
        one = Decoy(uid=UID, name="b", after=7, set_at=NOW, set_by="somebody")
        two = Decoy(uid=b"2" * 16, name="a", after=8, set_at=NOW, set_by="somebody")

        def put(decoy: Decoy) -> None:
            storage.write(lambda s: s.decoys.put(decoy)).result()

        def found() -> list[Decoy]:
            return list(storage.read(lambda s: s.decoys.all()).result())

        put(one)
        put(two)
        assert found() == [two, one]
        put(replace(one, name="c"))
        assert storage.read(lambda s: s.decoys.find(UID)).result() == replace(one, name="c")
        assert storage.read(lambda s: s.decoys.find(b"3" * 16)).result() is None
        assert storage.write(lambda s: s.decoys.remove(UID)).result()
        assert not storage.write(lambda s: s.decoys.remove(UID)).result()
        assert found() == [two]

    def test_secrets_are_found_by_their_dates(self, storage: Storage) -> None:
        for days, name in ((3, "c"), (1, "a"), (9, "far")):
            keep(storage, name, created_at=NOW - days * DAY, expires_at=NOW + days * DAY)
        keep(storage, "never", created_at=NOW, expires_at=None)
        gone = keep(storage, "gone", created_at=NOW - 5 * DAY, expires_at=NOW + 2 * DAY)
        storage.write(lambda s: s.secrets.replace(replace(gone, deleted_at=NOW))).result()

        def expiring(session: Session, limit: int = 9) -> list[str]:
            found = session.deadlines.expiring(after=NOW, until=NOW + 3 * DAY, limit=limit)
            return [secret.name for secret in found]

        assert storage.read(expiring).result() == ["a", "c"]
        assert storage.read(lambda s: expiring(s, 1)).result() == ["a"]
        unchanged = storage.read(lambda s: s.deadlines.unchanged(since=NOW - DAY, limit=9)).result()
        assert [secret.name for secret in unchanged] == ["far", "c"]


def _read(at: datetime, subject: Subject) -> AuditEvent:
    """Return the event of a reading."""
    return event(
        at=at, principal="p", address="10.0.0.1", action=Action.REVEAL, outcome=Outcome.DONE,
        subject=subject,
    )  # fmt: skip


def _raise(storage: Storage, finding: Finding) -> Alert:
    """Raise an alert, durably."""
    return storage.write(lambda s: s.alerts.add(finding, raised_at=NOW + DAY)).result()
