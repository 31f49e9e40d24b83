"""Background work rests in proportion to what it did, and never so long that it is missed."""

import time

import pytest

from adapters.system.pace import LONGEST, DutyCycle


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, on a clock on which every step takes a second."""
    slept: list[float] = []
    ticks = iter(range(100))
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.parametrize(("share", "expected"), [(1, 0), (0.5, 1), (0.25, 3), (0.001, LONGEST)])
def test_a_rest_is_as_long_as_the_share_asks(
    rests: list[float], share: float, expected: float
) -> None:
    DutyCycle(share).rest()
    assert rests == [expected]


def test_what_was_before_the_work_is_no_reason_to_rest(rests: list[float]) -> None:
    pace = DutyCycle(0.5)
    for _ in range(5):
        time.perf_counter()  # a second each
    pace.begin()
    pace.rest()
    assert rests == [1]
