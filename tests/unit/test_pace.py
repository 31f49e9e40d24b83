"""Background work rests in proportion to what it did, and never so long that it is missed."""

import time

import pytest

from adapters.system.pace import LONGEST, MOST_WORK, DutyCycle
from entrypoints.areas.alerts import FOLLOWING_SHARE
from entrypoints.server import FEEDING_SECONDS


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, on a clock on which every step takes half a second."""
    slept: list[float] = []
    ticks = (number / 2 for number in range(100))
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.parametrize(("share", "expected"), [(1, 0), (0.5, 0.5), (0.25, 1.5), (0.001, LONGEST)])
def test_a_rest_is_as_long_as_the_share_asks(
    rests: list[float], share: float, expected: float
) -> None:
    DutyCycle(share).rest()
    assert rests == [expected]


def test_what_was_before_the_work_is_no_reason_to_rest(rests: list[float]) -> None:
    pace = DutyCycle(0.5)
    for _ in range(5):
        time.perf_counter()  # half a second each
    pace.begin()
    pace.rest()
    assert rests == [0.5]


def test_a_rest_after_long_work_is_over_before_a_stopping_worker_gives_up_on_it(
    rests: list[float],
) -> None:
    pace = DutyCycle(FOLLOWING_SHARE)
    pace.begin()
    for _ in range(20):
        time.perf_counter()
    pace.rest()
    assert rests == [pytest.approx(MOST_WORK * 3)]
    assert rests[0] < FEEDING_SECONDS
