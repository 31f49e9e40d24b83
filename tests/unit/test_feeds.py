"""Sinks get everything, in order, whatever fails in between; retention waits for them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.audit.erase_entries import TASK, EraseEntries, FollowRetention
from application.audit.feed_sinks import BATCH, Feed, FeedSinks, checkpoint_notes, entry_lines
from application.audit.follow_log import FollowLog
from application.secrets.reveal_secret import RevealSecret
from application.turn import Turns
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import Outcome, Subject
from domain.audit.record import AuditRecord
from domain.audit.retention import erased_by, erasure_reference
from domain.errors import Broken, LostRace
from domain.ports.audit_sink import AuditSink, SinkUnavailable
from domain.secrets.reference import SecretId
from tests.fakes import CALLER, START, CountedPace, never
from tests.following import within
from tests.house import House

DAYS = 30


class ListSink(AuditSink):
    """Keeps lines, and takes none when it is told so."""

    def __init__(self, name: str = "list") -> None:
        self.lines: list[str] = []
        self.away = False
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def write(self, lines: Sequence[str]) -> None:
        if self.away:
            raise SinkUnavailable("away")
        self.lines += lines

    @property
    def numbers(self) -> list[int]:
        return [json.loads(line)["number"] for line in self.lines]


def turns(house: House, holder: str) -> Turns:
    return Turns(storage=house.storage, clock=house.clock, holder=holder)


def feeding(house: House, *sinks: ListSink, holder: str = "one") -> FeedSinks:
    feeds = [Feed(sink=sink, source=entry_lines) for sink in sinks]
    return FeedSinks(
        storage=house.storage, turns=turns(house, holder), macs=house.macs, feeds=feeds
    )


def retention(house: House, *sinks: ListSink, days: int = DAYS, holder: str = "one") -> int:
    follow = FollowRetention(
        gate=house.gate, storage=house.storage, clock=house.clock, turns=turns(house, holder),
        days=days, sinks=feeding(house, *sinks),
    )  # fmt: skip
    return follow(CALLER)


@pytest.fixture
def stocked(house: House) -> House:
    house.create("n")
    for _ in range(BATCH):
        house.run(RevealSecret(reference=SecretId(1)))
    return house


def test_a_sink_gets_every_entry_once_and_in_order(stocked: House) -> None:
    sink = ListSink()
    feed = feeding(stocked, sink)
    feed(never)
    feed(never)
    stocked.run(RevealSecret(reference=SecretId(1)))
    feed(never)
    assert sink.numbers == list(range(1, BATCH + 3))


def test_a_sink_that_is_away_gets_everything_when_it_is_back(stocked: House) -> None:
    away, there = ListSink("away"), ListSink("there")
    away.away = True
    feed = feeding(stocked, away, there)
    with pytest.raises(SinkUnavailable):
        feed(never)
    assert there.numbers == list(range(1, BATCH + 2))
    away.away = False
    feed(never)
    assert away.numbers == there.numbers


def test_another_process_goes_on_where_one_has_stopped(stocked: House) -> None:
    sink = ListSink()
    asked = iter([False, True])
    feeding(stocked, sink)(lambda: next(asked))
    assert len(sink.lines) == BATCH
    feeding(stocked, sink, holder="two")(never)
    assert sink.numbers == list(range(1, BATCH + 2))


def test_one_process_feeds_a_sink_at_a_time(stocked: House) -> None:
    sink = ListSink()

    def take(by: timedelta) -> bool:
        now = stocked.clock.now()
        return stocked.storage.write(
            lambda s: s.leases.take(sink.name, holder="two", now=now, until=now + by)
        ).result()

    assert take(timedelta(seconds=30))
    feeding(stocked, sink)(never)
    assert not sink.lines
    stocked.clock.advance(timedelta(minutes=1))

    class Stolen(ListSink):
        def write(self, lines: Sequence[str]) -> None:
            super().write(lines)
            stocked.clock.advance(timedelta(minutes=2))
            assert take(timedelta(seconds=30))

    stolen = Stolen()
    feeding(stocked, stolen)(never)
    assert len(stolen.lines) == BATCH


def test_checkpoints_are_fed_as_whole_notes(stocked: House) -> None:
    made = stocked.make_checkpoint()
    assert made is not None
    sink = ListSink()
    feeds = [Feed(sink=sink, source=checkpoint_notes)]
    feed = FeedSinks(
        storage=stocked.storage, turns=turns(stocked, "one"), macs=stocked.macs, feeds=feeds
    )
    feed(never)
    feed(never)
    assert [f"{line}\n" for line in sink.lines] == [made.note]
    assert stocked.storage.read(feed.fed).result() is None


def test_old_entries_are_erased_and_the_log_still_verifies(stocked: House) -> None:
    stocked.make_checkpoint()
    stocked.clock.advance(timedelta(days=DAYS + 1))
    stocked.run(RevealSecret(reference=SecretId(1)))
    assert retention(stocked) == BATCH + 1
    assert stocked.events()[-1].action is Action.ERASE_ENTRIES
    assert len(stocked.events()) == 2
    assert not stocked.verify_log().findings
    assert retention(stocked) == 0


def test_young_entries_stay(stocked: House) -> None:
    stocked.make_checkpoint()
    stocked.clock.advance(timedelta(days=DAYS - 1))
    assert retention(stocked) == 0
    stocked.clock.advance(timedelta(days=1000))
    assert retention(stocked, days=0) == 0


def test_what_no_checkpoint_covers_stays(stocked: House) -> None:
    stocked.clock.advance(timedelta(days=DAYS + 1))
    assert retention(stocked) == 0
    with pytest.raises(LostRace):
        stocked.run(EraseEntries(upto=1))


def test_what_a_sink_has_not_got_stays(stocked: House) -> None:
    stocked.make_checkpoint()
    sink = ListSink()
    sink.away = True
    stocked.clock.advance(timedelta(days=DAYS + 1))
    assert retention(stocked, sink) == 0
    sink.away = False
    feeding(stocked, sink)(never)
    assert retention(stocked, sink) == BATCH + 1


def test_one_process_erases_at_a_time(stocked: House) -> None:
    stocked.make_checkpoint()
    stocked.clock.advance(timedelta(days=DAYS + 1))
    now = stocked.clock.now()
    stocked.storage.write(
        lambda s: s.leases.take(TASK, holder="two", now=now, until=now + timedelta(minutes=1))
    ).result()
    assert retention(stocked) == 0
    stocked.clock.advance(timedelta(minutes=2))
    assert retention(stocked) > 0


def test_what_is_erased_already_is_not_erased_again(stocked: House) -> None:
    stocked.make_checkpoint()
    stocked.run(EraseEntries(upto=3))
    with pytest.raises(LostRace):
        stocked.run(EraseEntries(upto=3))


def test_only_an_erasure_that_was_done_tells_of_one(house: House) -> None:
    house.create("n")
    house.make_checkpoint()
    house.run(EraseEntries(upto=1))
    event = house.events()[-1]
    assert event.at == START
    assert erased_by(event) == 1
    for changes in (
        {"outcome": Outcome.REFUSED},
        {"action": Action.READ},
        {"subject": Subject(reference="entries 1 to 0")},
        {"subject": Subject(reference=erasure_reference(2) + " ")},
    ):
        assert erased_by(replace(event, **changes)) == 0


def tamper(house: House, work: Callable[[Any], object]) -> None:
    """Change the tables past the server."""
    tables = house.storage._session.audit._tables  # type: ignore[attr-defined]
    house.storage.write(lambda _: work(tables)).result()


def changed(record: AuditRecord, *, fits: bool, **changes: Any) -> AuditRecord:
    """Return a record with another body, and perhaps a leaf that fits it."""
    assert record.entry is not None
    entry = replace(record.entry, event=replace(record.entry.event, **changes))
    return replace(record, entry=entry, leaf=entry_leaf(entry) if fits else record.leaf)


def test_what_stands_behind_the_tip_goes_to_no_sink(house: House) -> None:
    house.create("n")
    sink = ListSink()
    tamper(house, lambda t: t.audit.put(2, replace(t.audit[1], number=2)))
    feeding(house, sink)(never)
    assert sink.numbers == [1]


@pytest.mark.parametrize("fits", [False, True], ids=["the body", "body and leaf"])
def test_an_entry_that_was_changed_goes_to_no_sink(house: House, fits: bool) -> None:
    house.create("n")
    house.create("m")
    sink = ListSink()

    def work(t: Any) -> None:
        t.audit.put(2, changed(t.audit[2], fits=fits, principal="the-boss"))

    tamper(house, work)
    with pytest.raises(Broken, match="not those that were written"):
        feeding(house, sink)(never)
    assert not sink.lines


def test_a_log_that_nobody_vouches_for_goes_to_no_sink_and_no_follower(house: House) -> None:
    house.create("n")
    sink, seen = ListSink(), list[int]()
    tamper(house, lambda t: t.tip_tags.drop("tree"))
    with pytest.raises(Broken, match="no server of this store wrote"):
        feeding(house, sink)(never)
    follow = FollowLog(
        name="follower", storage=house.storage, turns=house.turns, macs=house.macs,
        pace=CountedPace(), fold=within(lambda *stretch: seen.append(stretch[-1])),
    )  # fmt: skip
    with pytest.raises(Broken, match="no server of this store wrote"):
        follow(never)
    assert not sink.lines
    assert not seen


def test_no_sink_gets_a_log_with_a_gap(house: House) -> None:
    house.create("n")
    house.create("m")
    sink = ListSink()
    tamper(house, lambda t: t.audit.drop(2))
    with pytest.raises(Broken, match="not those that were written"):
        feeding(house, sink)(never)
    assert not sink.lines
