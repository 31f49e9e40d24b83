"""The root key is replaced in steps, and after a crash between any two of them all opens."""

from collections.abc import Callable

import pytest

from adapters.memory import MemoryStorage
from adapters.root_keys.local import LocalRootKey
from application.keys.destroy_key import DestroyKey
from application.keys.plan_root_rotation import PlanRootRotation
from application.keys.replace_root_key import ReplaceRootKey
from application.secrets.reveal_secret import RevealSecret
from domain.access.caller import Caller
from domain.errors import Broken, CannotRotate, RootKeyMoved, WrongRootKey
from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.root_key import RootKey
from domain.secrets.reference import ByName
from tests.fakes import CALLER, FixedRootKey, KnownRootKey, SeededRandomness, never
from tests.house import House


class Crash(BaseException):
    """The end of the process: nothing catches it."""


class ForgetfulKey(LocalRootKey):
    """A key that gives back something else than it wrapped."""

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        del wrapped, context
        return bytes(32)


class Forgetful(KnownRootKey):
    """A source whose new key is forgetful."""

    def propose(self) -> RootKey:
        return ForgetfulKey(bytes([9] * 32), source="wrong")


@pytest.fixture
def house() -> House:
    house = House(MemoryStorage()).opened()
    house.create("n", "value")
    return house


def restarted(house: House) -> House:
    """Return the next process on the same store and the same root key."""
    return House(
        house.storage, clock=house.clock, randomness=SeededRandomness(1), source=house.source
    ).opened()


def value(house: House) -> str:
    text: str = house.run(RevealSecret(reference=ByName("n"))).value.reveal()
    return text


def generation(house: House) -> int:
    record = house.storage.read(lambda s: s.root_keys.current()).result()
    assert record is not None
    return record.generation


def source_of(house: House) -> KnownRootKey:
    assert isinstance(house.source, KnownRootKey)
    return house.source


def test_a_new_root_key_takes_the_place_of_the_old_one(house: House) -> None:
    old = source_of(house).load()
    record = house.rotate_root_key(CALLER)
    assert (record.generation, record.source, record.principal) == (2, "known:", "tester")
    assert source_of(house).load() != old
    assert source_of(house).proposed() is None
    assert value(house) == "value"
    assert value(restarted(house)) == "value"


def test_the_old_root_key_opens_nothing_afterwards(house: House) -> None:
    old = FixedRootKey(bytes(range(32)))
    house.rotate_root_key(CALLER)
    with pytest.raises(WrongRootKey):
        House(house.storage, source=old).opened()


def crash() -> None:
    raise Crash


def before_proposing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.source, "propose", crash)


def before_wrapping(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    propose = source_of(house).propose

    def propose_and_crash() -> RootKey:
        propose()
        raise Crash

    monkeypatch.setattr(house.source, "propose", propose_and_crash)


def before_adopting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.source, "adopt", lambda _successor: crash())


@pytest.mark.parametrize(
    ("where", "expected"), [(before_proposing, 1), (before_wrapping, 1), (before_adopting, 2)]
)
def test_a_crash_at_any_step_leaves_a_store_that_starts(
    house: House, where: Callable[[House, pytest.MonkeyPatch], None], expected: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        where(house, patch)
        with pytest.raises(Crash):
            house.rotate_root_key(CALLER)
    assert generation(house) == expected
    again = restarted(house)
    assert value(again) == "value"
    assert again.rotate_root_key(CALLER).generation == expected + 1
    assert value(restarted(again)) == "value"


def test_a_successor_of_a_rotation_that_was_stopped_is_used_by_the_next(house: House) -> None:
    left_behind = source_of(house).propose()
    house.rotate_root_key(CALLER)
    assert source_of(house).load() == left_behind


def test_two_rotations_asked_for_at_once_end_as_one(house: House) -> None:
    other = restarted(house)
    propose = source_of(house).propose

    def propose_late() -> RootKey:
        source_of(house).propose = propose  # type: ignore[method-assign]
        other.rotate_root_key(CALLER)
        return propose()

    source_of(house).propose = propose_late  # type: ignore[method-assign]
    assert house.rotate_root_key(CALLER).generation == 2
    assert generation(house) == 2
    assert value(restarted(house)) == "value"


def test_a_key_that_is_minted_meanwhile_is_wrapped_as_well(house: House) -> None:
    other = restarted(house)
    propose = source_of(house).propose

    def propose_late() -> RootKey:
        source_of(house).propose = propose  # type: ignore[method-assign]
        other.rotate_data_key(CALLER)
        return propose()

    source_of(house).propose = propose_late  # type: ignore[method-assign]
    assert house.rotate_root_key(CALLER).generation == 2
    assert restarted(house).create("new").sealed


def test_keys_that_change_every_time_end_in_a_refusal(house: House) -> None:
    other = restarted(house)
    propose = source_of(house).propose

    def propose_late() -> RootKey:
        rotation = other.rotate_data_key(CALLER)
        other.reseal_values(CALLER, lambda: False)
        assert rotation
        return propose()

    source_of(house).propose = propose_late  # type: ignore[method-assign]
    with pytest.raises(RootKeyMoved):
        house.rotate_root_key(CALLER)
    assert value(restarted(house)) == "value"


def test_the_root_key_moves_to_another_source(house: House) -> None:
    target = FixedRootKey(bytes([7] * 32))
    record = house.rotate_root_key(CALLER, target)
    assert (record.generation, record.source) == (2, "fixed:")
    assert value(House(house.storage, source=target).opened()) == "value"
    with pytest.raises(WrongRootKey, match="under the root key at fixed:"):
        House(house.storage, source=house.source).opened()


def test_a_process_with_the_source_of_before_serves_on_but_mints_nothing(house: House) -> None:
    other = restarted(house)
    house.rotate_root_key(CALLER, FixedRootKey(bytes([7] * 32)))
    assert value(other) == "value"
    assert other.create("new").version == 1
    with pytest.raises(WrongRootKey, match="fixed:"):
        other.rotate_data_key(CALLER)


def test_a_process_with_the_root_key_of_before_follows_a_rotation(house: House) -> None:
    other = restarted(house)
    house.rotate_root_key(CALLER)
    rotation = other.rotate_data_key(CALLER)
    assert value(restarted(house)) == "value"
    third = House(house.storage, source=house.source).opened()
    assert third.key_ring.holds(rotation.new_key)


def test_a_key_under_a_newer_root_key_is_fetched(house: House) -> None:
    other = restarted(house)
    house.rotate_root_key(CALLER)
    house.rotated()
    assert value(other) == "value"
    assert other.create("new").version == 1


def test_a_source_that_cannot_replace_its_key_says_so() -> None:
    house = House(MemoryStorage(), source=FixedRootKey(bytes(32))).opened()
    with pytest.raises(CannotRotate, match="fixed:"):
        house.rotate_root_key(CALLER)
    assert generation(house) == 1


def test_a_root_key_that_does_not_give_back_what_it_wrapped_changes_nothing() -> None:
    source = Forgetful()
    house = House(MemoryStorage(), source=source).opened()
    with pytest.raises(WrongRootKey, match="give back"):
        house.rotate_root_key(CALLER)
    assert generation(house) == 1
    assert restarted(house).create("n").version == 1


def test_a_first_data_key_that_would_not_come_back_is_not_kept() -> None:
    source = KnownRootKey()
    source.keys = [ForgetfulKey(bytes(32), source="wrong")]
    house = House(MemoryStorage(), source=source)
    with pytest.raises(WrongRootKey, match="give back"):
        house.opened()
    assert not house.storage.read(lambda s: s.data_keys.all()).result()


def test_a_rotation_that_was_overtaken_before_its_first_step_returns_the_others(
    house: House,
) -> None:
    other = restarted(house)
    run = house.gate.run

    def run_late(caller: Caller, command: object) -> object:
        result = run(caller, command)
        if isinstance(command, PlanRootRotation):
            house.gate.run = run  # type: ignore[method-assign]
            other.rotate_root_key(CALLER)
        return result

    house.gate.run = run_late  # type: ignore[method-assign]
    assert house.rotate_root_key(CALLER).generation == 2
    assert generation(house) == 2


def test_a_data_key_that_is_destroyed_meanwhile_does_not_stop_a_rotation(house: House) -> None:
    (old,) = house.rotated().old_keys
    propose = source_of(house).propose

    def propose_late() -> RootKey:
        source_of(house).propose = propose  # type: ignore[method-assign]
        house.run(DestroyKey(key_id=old))
        return propose()

    source_of(house).propose = propose_late  # type: ignore[method-assign]
    assert house.rotate_root_key(CALLER).generation == 2
    assert value(restarted(house)) == "value"


def test_an_exchange_that_does_not_fit_is_refused(house: House) -> None:
    plan = house.run(PlanRootRotation())
    late = RootKeyRecord(generation=3, source="x:", since=plan.record.since, principal="tester")
    with pytest.raises(RootKeyMoved):
        house.run(ReplaceRootKey(record=late, before=plan.keys, after=plan.keys))
    with pytest.raises(RootKeyMoved):
        house.run(
            ReplaceRootKey(
                record=plan.record.followed_by(
                    source="x:", since=plan.record.since, principal="tester"
                ),
                before=plan.keys[1:],
                after=plan.keys[1:],
            )
        )


def test_a_store_without_a_record_of_its_root_key_is_broken() -> None:
    house = House(MemoryStorage()).opened()
    record = house.storage._session.root_keys  # type: ignore[attr-defined]
    house.storage.write(lambda _: record._tables.root_keys.drop(1)).result()
    with pytest.raises(Broken):
        house.run(PlanRootRotation())


def test_a_data_key_is_not_minted_while_the_root_key_keeps_moving(house: House) -> None:
    other = restarted(house)
    mint = house.key_ring.mint

    def mint_late(purpose: KeyPurpose) -> DataKey:
        key = mint(purpose)
        other.rotate_root_key(CALLER)
        return key

    house.key_ring.mint = mint_late  # type: ignore[method-assign]
    with pytest.raises(RootKeyMoved):
        house.rotate_data_key(CALLER)
    assert value(restarted(house)) == "value"


def test_a_data_key_is_not_kept_when_another_thread_replaces_the_root_key(house: House) -> None:
    mint = house.key_ring.mint

    def mint_late(purpose: KeyPurpose) -> DataKey:
        house.key_ring.mint = mint  # type: ignore[method-assign]
        key = mint(purpose)
        house.rotate_root_key(CALLER)
        return key

    house.key_ring.mint = mint_late  # type: ignore[method-assign]
    house.rotate_data_key(CALLER)
    house.reseal_values(CALLER, never)
    assert value(restarted(house)) == "value"
