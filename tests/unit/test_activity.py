"""The use of secrets is counted once from the audit log, outlives it, and is told by right."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from application.access.create_role import CreateRole
from application.audit.count_activity import (
    BATCH,
    COUNTING,
    CountActivity,
    ForgetActivity,
    pending,
)
from application.audit.erase_entries import FollowRetention
from application.audit.feed_sinks import FeedSinks
from application.audit.follow_log import LEASE, FollowLog
from application.audit.list_most_read import ListMostRead
from application.audit.list_unread import ListUnread
from application.audit.read_activity import ReadActivity, SecretActivity
from application.secrets.delete_secret import DeleteSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.access.credential import Credential
from domain.audit.activity import Activity, Use
from domain.errors import Denied, InvalidInput, NotFound
from domain.ports.storage import Session
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import MAX_ID
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START, CountedPace, never
from tests.house import House
from tests.unit.test_access import role

DAY = timedelta(days=1)


def counting(house: House, batch: int = BATCH, pace: CountedPace | None = None) -> FollowLog[None]:
    return FollowLog(
        name=COUNTING, storage=house.storage, turns=house.turns, macs=house.macs,
        pace=pace or CountedPace(), fold=CountActivity(storage=house.storage), batch=batch,
    )  # fmt: skip


def look(house: House, name: str, **asked: Any) -> SecretActivity:
    found: SecretActivity = house.run(ReadActivity(reference=ByName(name), **asked))
    return found


def reads(house: House, name: str, **asked: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in look(house, name, **asked).activities:
        counts[item.principal] = counts.get(item.principal, 0) + item.reads
    return counts


@pytest.fixture
def guarded() -> House:
    """A house with two secrets, a reader and an auditor."""
    house = House(MemoryStorage(), guarded=True).opened()
    house.create("app/db")
    house.create("ops/db")
    return house


def test_reads_changes_and_denials_are_told_with_who_made_them(guarded: House) -> None:
    reader = guarded.token("reader", "reader")
    editor = guarded.token("editor", "editor")
    auditor = guarded.token("auditor", "auditor")
    for _ in range(3):
        guarded.run_as(reader, RevealSecret(reference=ByName("app/db")))
    with pytest.raises(Denied):
        guarded.run_as(reader, DeleteSecret(reference=SecretId(1)))
    guarded.run_as(editor, UpdateSecret(reference=SecretId(1), value=SecretValue("second")))
    guarded.run_as(reader, ReadSecret(reference=SecretId(1)))
    counting(guarded)(never)
    with pytest.raises(Denied):
        guarded.run_as(reader, ReadActivity(reference=ByName("app/db")))
    found = guarded.run_as(auditor, ReadActivity(reference=ByName("app/db")))
    told = {item.principal: (item.reads, item.changes, item.denials) for item in found.activities}
    assert told == {"reader": (3, 0, 1), "editor": (0, 1, 0), "tester": (0, 1, 0)}
    assert found.pending == 1  # the refusal to the reader


def test_counting_again_and_beside_each_other_counts_nothing_twice(house: House) -> None:
    house.create("n")
    for _ in range(7):
        house.run(RevealSecret(reference=ByName("n")))
    pace = CountedPace()
    one, other = counting(house, 2, pace), counting(house, 2)
    pace.between = partial(other, never)
    one(never)
    other(never)
    assert pace.rests == 1
    assert reads(house, "n") == {"tester": 7}


def test_a_batch_that_somebody_else_counted_meanwhile_is_dropped(house: House) -> None:
    house.create("n")
    house.run(RevealSecret(reference=ByName("n")))
    count = CountActivity(storage=house.storage)

    def slow(after: int, upto: int) -> Callable[[Session], None]:
        counted = count(after, upto)
        counting(house)(never)
        return counted

    one = counting(house)
    one._fold = slow
    one(never)
    assert reads(house, "n") == {"tester": 1}


def test_a_crash_between_two_batches_repeats_nothing(house: House) -> None:
    house.create("n")
    for _ in range(9):
        house.run(RevealSecret(reference=ByName("n")))
    pace = CountedPace()
    crashing = counting(house, 3, pace)

    def crash() -> None:
        raise RuntimeError("gone")

    pace.between = crash
    with pytest.raises(RuntimeError):
        crashing(never)
    counting(house)(never)
    assert reads(house, "n") == {"tester": 9}


def test_only_one_counts_at_a_time(house: House) -> None:
    house.create("n")
    later = START + LEASE
    house.storage.write(
        lambda s: s.leases.take(COUNTING, holder="x", now=START, until=later)
    ).result()
    counting(house)(never)
    assert house.storage.read(pending).result() == len(house.events())


def test_a_process_that_stops_counts_no_more(house: House) -> None:
    house.create("n")
    counting(house)(lambda: True)
    assert house.storage.read(pending).result() == len(house.events())


def test_counts_outlive_the_entries_and_entries_wait_to_be_counted(house: House) -> None:
    house.create("n")
    house.run(RevealSecret(reference=ByName("n")))
    house.make_checkpoint()
    retention = FollowRetention(
        gate=house.own_gate,
        storage=house.storage,
        clock=house.clock,
        turns=house.turns,
        days=1,
        sinks=FeedSinks(storage=house.storage, turns=house.turns, macs=house.macs, feeds=()),
        followers=(COUNTING,),
    )
    house.clock.advance(2 * DAY)
    assert retention(CALLER) == 0
    counting(house)(never)
    assert retention(CALLER) > 0
    counting(house)(never)
    assert reads(house, "n") == {"tester": 1}


def test_what_is_too_old_is_forgotten(house: House) -> None:
    house.create("n")
    house.run(RevealSecret(reference=ByName("n")))
    counting(house)(never)
    house.clock.advance(10 * DAY)
    forget, never_forget = (
        ForgetActivity(storage=house.storage, clock=house.clock, days=days) for days in (10, 0)
    )
    forget()
    assert reads(house, "n") == {"tester": 1}
    house.clock.advance(DAY)
    never_forget()
    assert reads(house, "n") == {"tester": 1}
    forget()
    assert reads(house, "n") == {}


def test_days_are_those_that_were_asked_for(house: House) -> None:
    house.create("n")
    for _ in range(3):
        house.run(RevealSecret(reference=ByName("n")))
        house.clock.advance(DAY)
    counting(house)(never)
    assert [item.day for item in look(house, "n").activities] == [
        date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25),
    ]  # fmt: skip
    assert reads(house, "n", days=2) == {"tester": 1}
    assert reads(house, "n", days=4) == {"tester": 3}


def test_a_name_that_is_not_there_has_no_activity(house: House) -> None:
    with pytest.raises(NotFound):
        house.run(ReadActivity(reference=ByName("nowhere")))


def test_reports_hold_what_the_caller_may_look_at(guarded: House) -> None:
    guarded.run_within(CreateRole(role=role("part", Action.READ_ACTIVITY, on="app/**")))
    partly, reader = guarded.token("partly", "part"), guarded.token("reader", "reader")
    auditor = guarded.token("auditor", "auditor")
    for name, times in (("app/db", 1), ("ops/db", 2)):
        for _ in range(times):
            guarded.run_as(reader, RevealSecret(reference=ByName(name)))
    counting(guarded)(never)

    def most(credential: Credential) -> list[tuple[str, int, int]]:
        found = guarded.run_as(credential, ListMostRead())
        return [(one.name, one.reads, one.readers) for one in found]

    assert most(auditor) == [("ops/db", 2, 1), ("app/db", 1, 1)]
    assert most(partly) == [("app/db", 1, 1)]
    with pytest.raises(Denied):
        most(reader)
    guarded.clock.advance(91 * DAY)
    unread = [guarded.run_as(who, ListUnread()) for who in (auditor, partly)]
    assert [[one.name for one in page] for page in unread] == [["app/db", "ops/db"], ["app/db"]]
    assert guarded.run_as(auditor, ListUnread(days=92)) == []
    assert [one.name for one in guarded.run_as(auditor, ListUnread(after=1))] == ["ops/db"]


@pytest.mark.parametrize(
    "command",
    [
        lambda: ReadActivity(reference=ByName("n"), days=0),
        lambda: ReadActivity(reference=ByName("n"), days=3651),
        lambda: ListMostRead(days=0),
        lambda: ListMostRead(limit=0),
        lambda: ListUnread(limit=1001),
        lambda: ListUnread(days=0),
        lambda: ListUnread(after=-1),
        lambda: ListUnread(after=MAX_ID + 1),
    ],
)
def test_what_cannot_be_asked_is_refused(command: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput):
        command()


def test_two_of_one_are_added() -> None:
    early = Activity(uid=b"u", day=START.date(), principal="a", reads=1, last_at=START)
    late = Activity(
        uid=b"v", day=START.date(), principal="b", changes=2, denials=3, last_at=START + DAY
    )
    both = early.plus(late)
    assert (both.uid, both.principal, both.reads, both.changes, both.denials, both.last_at) == (
        b"u", "a", 1, 2, 3, START + DAY,
    )  # fmt: skip
    assert {use.value for use in Use} == {"read", "change", "denial"}
