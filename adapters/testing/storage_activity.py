"""The contract of the ledger of activity and of the reports on it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any

from adapters.testing.examples import DAY, NOW, event, keep, recorded, replaced
from domain.access.action import Action
from domain.access.name_filter import EVERY_NAME, NameFilter
from domain.access.pattern import NamePattern
from domain.audit.activity import Activity, MostRead
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.ports.storage import Session, Storage

ONE, OTHER = b"\x01" * 16, b"\x02" * 16
TODAY = NOW.date()


def use(
    action: Action = Action.REVEAL,
    outcome: Outcome = Outcome.DONE,
    uid: bytes | None = ONE,
    **changes: Any,
) -> AuditEvent:
    """Return an event about a secret."""
    changes.setdefault("subject", Subject(reference="id 7", uid=uid, name="n"))
    return event(action=action, outcome=outcome, **changes)


def activity(uid: bytes = ONE, principal: str = "local", **changes: Any) -> Activity:
    """Return counts of one day."""
    plain = Activity(uid=uid, day=TODAY, principal=principal, last_at=NOW)
    return replace(plain, **changes)


def counted(storage: Storage, after: int, upto: int) -> list[Activity]:
    """Return what entries amount to."""
    return list(storage.read(lambda s: s.activity_ledger.counted(after=after, upto=upto)).result())


def add(storage: Storage, *activities: Activity) -> None:
    """Add to the counts, durably."""
    storage.write(lambda s: s.activity_ledger.add(activities)).result()


def of(storage: Storage, uid: bytes, since: date) -> list[Activity]:
    """Return the counts of a secret."""
    return list(storage.read(lambda s: s.activity_reports.of(uid, since=since)).result())


class ActivityLedgerContract:
    """Every use is counted once, for the right day and principal, and kept."""

    def test_uses_are_counted_by_secret_day_and_principal(self, storage: Storage) -> None:
        later = NOW + timedelta(seconds=1)
        for item in (
            use(),
            use(at=later),
            use(principal="ci"),
            use(Action.UPDATE),
            use(Action.DELETE, Outcome.DENIED),
            use(at=NOW - DAY),
            use(uid=OTHER),
        ):
            recorded(storage, item)
        assert counted(storage, 0, 99) == [
            activity(day=TODAY - DAY, reads=1, last_at=NOW - DAY),
            activity(principal="ci", reads=1),
            activity(reads=2, changes=1, denials=1, last_at=later),
            activity(OTHER, reads=1),
        ]

    def test_only_uses_of_secrets_are_counted(self, storage: Storage) -> None:
        for item in (
            use(outcome=Outcome.FAILED),
            use(outcome=Outcome.REFUSED),
            use(Action.READ),
            use(Action.LIST_VERSIONS),
            use(Action.LIST_KEYS, subject=Subject(reference="keys")),
            use(uid=None),
        ):
            recorded(storage, item)
        assert counted(storage, 0, 99) == []

    def test_only_the_entries_between_two_numbers_are_counted(self, storage: Storage) -> None:
        for number in range(1, 6):
            recorded(storage, use(at=NOW + timedelta(seconds=number)))
        last = NOW + timedelta(seconds=4)
        assert counted(storage, 2, 4) == [activity(reads=2, last_at=last)]
        assert counted(storage, 5, 5) == []

    def test_a_day_is_one_of_utc(self, storage: Storage) -> None:
        midnight = NOW.replace(hour=23, minute=59, second=59, microsecond=999999)
        east = timezone(timedelta(hours=14))
        recorded(storage, use(at=midnight.astimezone(east)))
        recorded(storage, use(at=midnight + timedelta(microseconds=1)))
        days = [item.day for item in counted(storage, 0, 9)]
        assert days == [midnight.astimezone(UTC).date(), midnight.date() + timedelta(days=1)]

    def test_erased_entries_are_not_counted(self, storage: Storage) -> None:
        recorded(storage, use())
        recorded(storage, use())
        storage.write(lambda s: s.audit.erase(upto=1)).result()
        assert counted(storage, 0, 9) == [activity(reads=1)]

    def test_counts_are_added_up(self, storage: Storage) -> None:
        later = NOW + timedelta(seconds=1)
        add(storage, activity(reads=2, last_at=later), activity(principal="ci", denials=1))
        add(storage, activity(reads=3, changes=1), activity(OTHER, reads=1))
        add(storage, activity(day=TODAY - 9 * DAY, reads=1))
        assert of(storage, ONE, TODAY) == [
            activity(principal="ci", denials=1),
            activity(reads=5, changes=1, last_at=later),
        ]
        assert of(storage, ONE, TODAY - 9 * DAY)[0] == activity(day=TODAY - 9 * DAY, reads=1)

    def test_a_later_use_moves_the_moment(self, storage: Storage) -> None:
        later = NOW + timedelta(seconds=1)
        add(storage, activity(reads=1))
        add(storage, activity(reads=1, last_at=later))
        assert of(storage, ONE, TODAY) == [activity(reads=2, last_at=later)]

    def test_old_days_are_forgotten(self, storage: Storage) -> None:
        add(storage, *(activity(day=TODAY - n * DAY, reads=1) for n in range(4)))
        assert storage.write(lambda s: s.activity_ledger.forget(before=TODAY - DAY)).result() == 2
        assert [item.day for item in of(storage, ONE, TODAY - 9 * DAY)] == [TODAY - DAY, TODAY]


def note_read(secret_id: int, at: datetime, session: Session) -> None:
    """Note that a value was read."""
    session.catalogue.note_read(secret_id, at)


def most_read(
    storage: Storage, names: NameFilter = EVERY_NAME, since: date = TODAY, limit: int = 9
) -> Sequence[MostRead]:
    """Return the secrets that were read most."""

    def look(session: Session) -> Sequence[MostRead]:
        return session.activity_reports.most_read(names, since=since, limit=limit)

    return storage.read(look).result()


def unread(
    storage: Storage, names: NameFilter = EVERY_NAME, *, after: int = 0, limit: int = 9
) -> list[str]:
    """Return the names of secrets that nobody read since now."""

    def look(session: Session) -> list[str]:
        reports = session.activity_reports
        found = reports.unread(names, since=NOW, after=after, limit=limit)
        return [secret.name for secret in found]

    return storage.read(look).result()


ONLY_B = NameFilter(allowed=frozenset({NamePattern("b/**")}))


class ActivityReportsContract:
    """Reports are about living secrets that the filter lets through."""

    def test_the_most_read_come_first(self, storage: Storage) -> None:
        a, b, c = (keep(storage, f"{name}/secret") for name in "abc")
        gone = replaced(storage, replace(keep(storage, "gone"), deleted_at=NOW))
        add(
            storage,
            activity(a.uid, reads=2),
            activity(b.uid, reads=3),
            activity(b.uid, day=TODAY - DAY, reads=4),
            activity(b.uid, "ci", reads=1, changes=7),
            activity(c.uid, changes=9, denials=9),
            activity(gone.uid, reads=99),
            activity(OTHER, reads=99),
        )
        first = MostRead(id=b.id, name=b.name, reads=4, readers=2, last_read_at=None)
        second = MostRead(id=a.id, name=a.name, reads=2, readers=1, last_read_at=None)
        assert list(most_read(storage)) == [first, second]
        assert list(most_read(storage, limit=1)) == [first]
        assert list(most_read(storage, ONLY_B)) == [first]
        assert [one.reads for one in most_read(storage, since=TODAY - DAY)] == [8, 2]

    def test_those_read_as_often_are_ordered_by_id(self, storage: Storage) -> None:
        one, other = keep(storage, "z"), keep(storage, "a")
        add(storage, activity(other.uid, reads=1), activity(one.uid, reads=1))
        assert [item.id for item in most_read(storage)] == [one.id, other.id]

    def test_what_nobody_read_is_found_if_it_is_old_enough(self, storage: Storage) -> None:
        old = {"created_at": NOW - DAY}
        keep(storage, "a/never", **old)
        for name, moment in (("b/before", NOW - DAY), ("b/since", NOW)):
            secret = keep(storage, name, **old)
            storage.write(partial(note_read, secret.id, moment)).result()
        keep(storage, "b/new")
        replaced(storage, replace(keep(storage, "b/gone", **old), deleted_at=NOW))
        last = keep(storage, "b/never", **old)
        assert unread(storage) == ["a/never", "b/before", "b/never"]
        assert unread(storage, limit=2) == ["a/never", "b/before"]
        assert unread(storage, after=last.id - 1) == ["b/never"]
        assert unread(storage, ONLY_B) == ["b/before", "b/never"]
