"""One process at a time does what only one may do."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from application.turn import Turns
from tests.fakes import FixedClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def turns(storage: MemoryStorage, clock: FixedClock, holder: str) -> Turns:
    return Turns(storage=storage, clock=clock, holder=holder)


def is_free(storage: MemoryStorage, clock: FixedClock) -> bool:
    with turns(storage, clock, "another process").taken("work", MINUTE) as ours:
        return ours


def test_nobody_else_has_a_task_that_was_taken(storage: MemoryStorage, clock: FixedClock) -> None:
    with turns(storage, clock, "one").taken("work", MINUTE) as ours:
        assert (ours, is_free(storage, clock)) == (True, False)


def test_a_task_is_given_back_when_the_work_fails(
    storage: MemoryStorage, clock: FixedClock
) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        turns(storage, clock, "one").taken("work", MINUTE),
    ):
        _ = 1 // 0
    assert is_free(storage, clock)


def test_who_has_not_got_a_task_does_not_give_it_back(
    storage: MemoryStorage, clock: FixedClock
) -> None:
    with turns(storage, clock, "one").taken("work", MINUTE):
        is_free(storage, clock)
        assert not is_free(storage, clock)


def test_a_task_that_is_kept_lasts_from_then_on(storage: MemoryStorage, clock: FixedClock) -> None:
    one = turns(storage, clock, "one")
    with one.taken("work", MINUTE):
        clock.advance(MINUTE / 2)
        assert storage.write(lambda session: one.keep("work", MINUTE, session)).result()
        clock.advance(MINUTE * 3 / 4)
        assert not is_free(storage, clock)


def test_a_task_of_a_process_that_died_is_free_after_its_time(
    storage: MemoryStorage, clock: FixedClock
) -> None:
    dead = turns(storage, clock, "dead")
    storage.write(lambda session: dead.keep("work", MINUTE, session)).result()
    clock.advance(MINUTE)
    assert is_free(storage, clock)
