"""That nothing can be written is told although nothing can be written."""

from datetime import timedelta

import pytest

from application.alerts.watch_store import WatchStore
from domain.ports.notifier import NotDelivered
from tests.fakes import never
from tests.house import House
from tests.unit.test_deliveries import ListNotifier

QUIET = timedelta(hours=1)


class Watched:
    """A store that can be closed, and two receivers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.there, self.away = ListNotifier(), ListNotifier()
        self.away.fails = lambda _notice: NotDelivered("away")
        self.told: list[tuple[str, str]] = []
        self.look = WatchStore(
            storage=house.storage, macs=house.macs, clock=house.clock, randomness=house.randomness,
            notifiers={"there": self.there, "away": self.away}, quiet=QUIET,
            told=lambda *what: self.told.append(what),
        )  # fmt: skip


@pytest.fixture
def watched(house: House) -> Watched:
    return Watched(house)


def test_a_store_that_can_be_written_is_nothing_to_tell(watched: Watched) -> None:
    for _ in range(3):
        watched.look(never)
    assert not watched.there.got


def test_one_failure_is_nothing_to_tell_and_two_are_told_once(watched: Watched) -> None:
    watched.house.storage.close()
    watched.look(never)
    assert not watched.there.got
    watched.look(never)
    watched.look(never)
    assert watched.there.got == ["the audit log cannot be written, nothing is answered"]
    assert watched.told == [("the store is closed", "away")]
    watched.house.clock.advance(QUIET)
    watched.look(never)
    assert len(watched.there.got) == 2


def test_a_process_that_stops_tells_nothing(watched: Watched) -> None:
    watched.house.storage.close()
    for _ in range(3):
        watched.look(lambda: True)
    assert not watched.there.got
