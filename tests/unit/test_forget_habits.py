"""What the alerts remember of callers does not grow without an end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from application.alerts import forget_habits
from application.alerts.forget_habits import ForgetHabits
from application.alerts.raise_alert import RaiseAlert
from application.alerts.watch_log import WatchLog
from application.audit.follow_log import FOLLOWING, FollowLog
from application.secrets.purge_secret import PurgeSecret
from application.secrets.reveal_secret import RevealSecret
from domain.alerts.thresholds import Thresholds
from domain.secrets.reference import ByName, SecretId
from tests.fakes import CountedPace, never
from tests.house import House

DAY = timedelta(days=1)


@pytest.fixture
def house() -> House:
    """A house in which two secrets were read, and the log was followed."""
    house = House(MemoryStorage()).opened()
    for name in ("a", "b"):
        house.create(name)
        house.run(RevealSecret(reference=ByName(name)))
    watch = WatchLog(
        storage=house.storage,
        raise_alert=RaiseAlert(announce=house.announce, clock=house.clock),
        clock=house.clock,
        limits=Thresholds(),
    )
    FollowLog(
        name=FOLLOWING, storage=house.storage, turns=house.turns, macs=house.macs,
        pace=CountedPace(), fold=watch,
    )(never)  # fmt: skip
    return house


def remembered(house: House) -> int:
    found = house.storage.read(
        lambda s: s.outlived_habits.find(before=house.clock.now().date() + DAY, limit=99)
    ).result()
    return len(found)


def forget(house: House, days: int, stopping: Callable[[], bool] = never) -> CountedPace:
    pace = CountedPace()
    ForgetHabits(storage=house.storage, clock=house.clock, pace=pace, days=days)(stopping)
    return pace


def test_a_caller_who_reads_nothing_for_long_is_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forget_habits, "BATCH", 1)
    house.clock.advance(10 * DAY)
    forget(house, days=10)
    assert remembered(house) == 2
    house.clock.advance(DAY)
    forget(house, days=0)
    forget(house, days=10, stopping=lambda: True)
    assert remembered(house) == 2
    assert forget(house, days=10).rests == 3
    assert remembered(house) == 0


def test_a_secret_that_is_purged_is_forgotten(house: House) -> None:
    house.run(PurgeSecret(reference=SecretId(1)))
    forget(house, days=0)
    assert remembered(house) == 1
