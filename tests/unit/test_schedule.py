"""Keys are rotated when they have reached their age, once."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from application.keys.follow_schedule import FollowSchedule
from application.keys.forget_destroyed_keys import ForgetDestroyedKeys
from application.keys.list_keys import KeyOverview, ListKeys
from domain.errors import CannotRotate
from tests.fakes import CALLER, FixedRootKey, SeededRandomness, never
from tests.house import House


def schedule(house: House, *, data_key_days: int = 0, root_key_days: int = 0) -> FollowSchedule:
    return FollowSchedule(
        storage=house.storage, rotate_data_key=house.rotate_data_key,
        rotate_root_key=house.rotate_root_key, clock=house.clock, turns=house.turns,
        data_key_days=data_key_days, root_key_days=root_key_days,
    )  # fmt: skip


def overview(house: House) -> KeyOverview:
    found: KeyOverview = house.run(ListKeys())
    return found


def generation(house: House) -> int:
    record = overview(house).root_key
    assert record is not None
    return record.generation


@pytest.mark.parametrize(("days", "rotates"), [(89, False), (90, True), (400, True)])
def test_a_data_key_is_rotated_at_its_age(house: House, days: int, rotates: bool) -> None:
    house.clock.advance(timedelta(days=days))
    schedule(house, data_key_days=90)(CALLER)
    assert (overview(house).rotation is not None) is rotates
    assert generation(house) == 1


@pytest.mark.parametrize(("days", "expected"), [(89, 1), (90, 2)])
def test_a_root_key_is_replaced_at_its_age(house: House, days: int, expected: int) -> None:
    house.clock.advance(timedelta(days=days))
    schedule(house, root_key_days=90)(CALLER)
    assert generation(house) == expected
    assert overview(house).rotation is None


def test_no_age_means_never(house: House) -> None:
    house.clock.advance(timedelta(days=10_000))
    schedule(house)(CALLER)
    assert (overview(house).rotation, generation(house)) == (None, 1)


def test_what_has_been_rotated_is_not_due(house: House) -> None:
    house.clock.advance(timedelta(days=90))
    follow = schedule(house, data_key_days=90, root_key_days=90)
    follow(CALLER)
    house.reseal_values(CALLER, never)
    before = overview(house)
    follow(CALLER)
    assert overview(house) == before


def test_a_root_key_that_cannot_be_replaced_does_not_keep_the_data_key_from_it() -> None:
    house = House(MemoryStorage(), source=FixedRootKey(bytes(32))).opened()
    house.clock.advance(timedelta(days=90))
    with pytest.raises(CannotRotate):
        schedule(house, data_key_days=90, root_key_days=90)(CALLER)
    assert overview(house).rotation is not None


def test_one_process_at_a_time_follows_the_schedule(house: House) -> None:
    house.clock.advance(timedelta(days=90))
    now = house.clock.now()
    house.storage.write(
        lambda s: s.leases.take(
            "rotation schedule", holder="other", now=now, until=now + timedelta(minutes=1)
        )
    ).result()
    schedule(house, data_key_days=90)(CALLER)
    assert overview(house).rotation is None


def test_a_key_that_another_process_destroyed_is_let_go() -> None:
    house = House(MemoryStorage()).opened()
    other = House(house.storage, source=house.source, randomness=SeededRandomness(1)).opened()
    (old,) = house.rotated().old_keys
    key = house.storage.read(lambda s: s.data_keys.find(old)).result()
    assert key is not None
    forget = ForgetDestroyedKeys(storage=other.storage, key_ring=other.key_ring)
    forget()
    assert other.key_ring.holds(old)
    house.storage.write(lambda s: s.data_keys.replace(key.destroyed(house.clock.now()))).result()
    forget()
    assert not other.key_ring.holds(old)
