"""A data-key rotation moves every value, whatever comes in between, and says so truly."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from adapters.memory import MemoryStorage
from adapters.signing.note import verify
from application.keys.destroy_key import DestroyKey
from application.keys.finish_rotation import FinishRotation
from application.keys.list_keys import KeyOverview, ListKeys
from application.keys.read_rotation import ReadRotation
from application.keys.reseal_values import PASSES
from application.keys.start_rotation import StartRotation
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.purge_secret import PurgeSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.decision import Decision, Refused
from domain.errors import Broken, Denied, KeyNeeded, LostRace, NotFound, RootKeyMoved, UnknownFormat
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.rotation import Rotation, receipt_text
from domain.ports.storage import Session
from domain.secrets.name import SecretName
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START, ListedPolicy, SeededRandomness, never
from tests.house import House


def stocked() -> House:
    """Return a house with seven secrets: four of them have earlier values, one is deleted."""
    house = House(MemoryStorage()).opened()
    for number in range(1, 8):
        created = house.create(f"n{number}", f"first-{number}")
        if number % 2:
            change(house, created.id, f"second-{number}")
    house.run(DeleteSecret(reference=SecretId(2)))
    return house


def change(house: House, number: int, value: str) -> None:
    house.run(UpdateSecret(reference=SecretId(number), value=SecretValue(value)))


def reveal(house: House, number: int, version: int | None = None) -> str:
    text: str = house.run(RevealSecret(reference=SecretId(number), version=version)).value.reveal()
    return text


def assert_everything_opens(house: House) -> None:
    for number in (1, 3, 4, 5, 6, 7):
        assert reveal(house, number) == f"{'second' if number % 2 else 'first'}-{number}"
        assert reveal(house, number, version=1) == f"first-{number}"


def under(house: House, key_id: str) -> int:
    return house.storage.read(lambda s: s.sealed_values.count_under(key_id)).result()


def overview(house: House) -> KeyOverview:
    found: KeyOverview = house.run(ListKeys())
    return found


def twin(house: House, cipher: str = "fernet") -> House:
    """Return another process on the same store."""
    return House(
        house.storage, clock=house.clock, randomness=SeededRandomness(1), holder="another process",
        source=house.source, cipher=cipher,
    ).opened()  # fmt: skip


def test_every_value_is_moved_to_the_new_key() -> None:
    house = stocked()
    rotation = house.rotated()
    assert (rotation.total, rotation.resealed, rotation.unreadable) == (11, 11, 0)
    assert under(house, rotation.new_key) == 11
    assert [under(house, key_id) for key_id in rotation.old_keys] == [0]
    assert_everything_opens(house)
    house.run(RestoreSecret(reference=SecretId(2)))
    assert reveal(house, 2) == "first-2"


def test_new_values_use_the_new_key_at_once() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    assert house.create("new").sealed.split(":")[1] == rotation.new_key


def test_a_rotation_is_no_change_that_a_caller_sees() -> None:
    house = stocked()
    before = house.storage.read(lambda s: s.secrets.find(SecretId(1))).result()
    house.rotated()
    after = house.storage.read(lambda s: s.secrets.find(SecretId(1))).result()
    assert before is not None
    assert after is not None
    assert replace(after, sealed="") == replace(before, sealed="")


def test_values_move_to_the_cipher_of_the_settings() -> None:
    house = stocked()
    other = twin(house, cipher="aes-256-gcm")
    assert other.rotated().cipher == "aes-256-gcm"
    secret = house.storage.read(lambda s: s.secrets.find(SecretId(1))).result()
    assert secret is not None
    assert secret.sealed.split(":")[2] == "aes-256-gcm"
    assert_everything_opens(house)


def test_a_process_with_another_cipher_ends_a_rotation_as_it_was_begun() -> None:
    house = stocked()
    twin(house, cipher="aes-256-gcm").rotate_data_key(CALLER)
    ended = house.reseal_values(CALLER, never)
    assert ended is not None
    left = house.storage.read(
        lambda s: s.sealed_values.under(ended.new_key, after=None, limit=99)
    ).result()
    assert {value.sealed.split(":")[2] for value in left} == {ended.cipher} == {"aes-256-gcm"}


def test_a_process_without_the_cipher_of_a_rotation_moves_nothing() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    other = replace(rotation, cipher="strange")
    house.storage.write(lambda s: s.rotations.replace(other)).result()
    with pytest.raises(UnknownFormat):
        house.reseal_values(CALLER, never)
    assert under(house, rotation.old_keys[0]) == 11


def test_a_second_rotation_joins_the_one_that_runs() -> None:
    house = stocked()
    first = house.rotate_data_key(CALLER)
    second = twin(house).rotate_data_key(CALLER)
    assert second == first
    states = [use.key.state for use in overview(house).keys]
    assert states.count(KeyState.ACTIVE) == len(KeyPurpose)
    assert states.count(KeyState.RETIRED) == 1


def test_a_key_minted_for_nothing_is_let_go() -> None:
    house = stocked()
    other = twin(house)
    mint, held = house.key_ring.mint, repr(house.key_ring)

    def mint_late(purpose: KeyPurpose) -> DataKey:
        other.rotate_data_key(CALLER)
        return mint(purpose)

    house.key_ring.mint = mint_late  # type: ignore[method-assign]
    joined = house.rotate_data_key(CALLER)
    assert other.run(ReadRotation(rotation_id=joined.id)) == joined
    assert other.key_ring.holds(joined.new_key)
    assert repr(house.key_ring) == held


def test_nothing_happens_when_no_rotation_runs() -> None:
    assert stocked().reseal_values(CALLER, never) is None


def test_only_the_holder_of_the_lease_works() -> None:
    house = stocked()
    other = twin(house)
    house.rotate_data_key(CALLER)
    met: list[Rotation | None] = []
    house.pace.between = lambda: met.append(other.reseal_values(CALLER, never))
    assert house.reseal_values(CALLER, never) is not None
    assert met
    assert set(met) == {None}


def test_a_process_that_stops_leaves_the_rest_to_the_next() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    assert house.reseal_values(CALLER, lambda: house.pace.rests == 2) is None
    half = house.run(ReadRotation(rotation_id=rotation.id))
    assert half.is_running
    assert 0 < half.resealed < half.total
    ended = twin(house).reseal_values(CALLER, never)
    assert ended is not None
    assert (ended.id, ended.resealed) == (rotation.id, rotation.total)
    assert_everything_opens(house)


def test_an_end_that_is_refused_again_and_again_is_left_for_later() -> None:
    house = stocked()
    house.rotate_data_key(CALLER)
    refused = []

    def refuse(caller: Caller, command: object) -> None:
        assert caller == CALLER
        refused.append(command)
        raise LostRace

    house.gate.run = refuse  # type: ignore[method-assign]
    assert house.reseal_values(CALLER, never) is None
    assert len(refused) == PASSES
    assert twin(house).reseal_values(CALLER, never) is not None


def test_a_process_that_was_killed_is_followed_when_its_lease_has_run_out() -> None:
    house = stocked()
    other = twin(house)
    house.rotate_data_key(CALLER)
    house.storage.write(
        lambda s: s.leases.take(
            "rotation", holder="killed", now=house.clock.now(),
            until=house.clock.now() + timedelta(seconds=30),
        )
    ).result()  # fmt: skip
    assert other.reseal_values(CALLER, never) is None
    house.clock.advance(timedelta(seconds=31))
    assert other.reseal_values(CALLER, never) is not None


def test_a_process_that_lost_its_lease_stops() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    other = twin(house)

    def oversleep() -> None:
        house.clock.advance(timedelta(minutes=5))
        house.pace.between = never
        assert other.reseal_values(CALLER, never) is not None

    house.pace.between = oversleep
    assert house.reseal_values(CALLER, never) is None
    ended = house.run(ReadRotation(rotation_id=rotation.id))
    assert (ended.resealed, ended.is_running) == (11, False)


@pytest.mark.parametrize(
    "meanwhile",
    [
        UpdateSecret(reference=SecretId(7), value=SecretValue("meanwhile")),
        UpdateSecret(reference=SecretId(1), value=SecretValue("meanwhile")),
        DestroyVersion(reference=SecretId(7), version=1),
        PurgeSecret(reference=SecretId(6)),
        DeleteSecret(reference=SecretId(7)),
        CreateSecret(name=SecretName("new"), value=SecretValue("meanwhile")),
    ],
)
def test_callers_change_what_they_like_meanwhile(meanwhile: object) -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)

    def once() -> None:
        house.pace.between = never
        house.run(meanwhile)

    house.pace.between = once
    ended = house.reseal_values(CALLER, never)
    assert ended is not None
    assert [under(house, key_id) for key_id in rotation.old_keys] == [0]
    assert ended.unreadable == 0
    if isinstance(meanwhile, UpdateSecret):
        assert reveal(house, meanwhile.reference.number) == "meanwhile"


def test_a_value_that_does_not_open_is_left_and_counted() -> None:
    house = stocked()
    damage(house, 4)
    rotation = house.rotated()
    assert (rotation.resealed, rotation.unreadable) == (10, 1)
    assert "values left under the old keys: 1\n" in str(rotation.receipt)


def test_the_end_is_refused_while_more_is_left_than_does_not_open() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    with pytest.raises(LostRace):
        house.run(FinishRotation(rotation_id=rotation.id, unreadable=0))
    with pytest.raises(NotFound):
        house.run(FinishRotation(rotation_id=99, unreadable=0))
    house.reseal_values(CALLER, never)
    with pytest.raises(LostRace):
        house.run(FinishRotation(rotation_id=rotation.id, unreadable=0))


def test_a_value_put_back_at_the_last_moment_is_moved_too() -> None:
    house = stocked()
    (old,) = house.rotate_data_key(CALLER).old_keys
    before = house.storage.read(
        lambda s: s.sealed_values.under(old, after=None, limit=1)[0]
    ).result()

    def put_back() -> None:
        if house.pace.rests == 3:
            house.storage.write(partial(store, before.secret_id, before.sealed)).result()

    house.pace.between = put_back
    ended = house.reseal_values(CALLER, never)
    assert ended is not None
    assert (ended.unreadable, under(house, old)) == (0, 0)


def store(number: int, sealed: str, session: Session) -> None:
    """Write a sealed text past everything."""
    secret = session.secrets.find(SecretId(number))
    assert secret is not None
    session.secrets.replace(replace(secret, sealed=sealed))


def damage(house: House, number: int) -> None:
    """Make a value not open any more, without changing its key."""

    def work(session: Session) -> None:
        secret = session.secrets.find(SecretId(number))
        assert secret is not None
        session.secrets.replace(replace(secret, sealed=secret.sealed[:-8]))

    house.storage.write(work).result()


def test_a_receipt_is_signed_and_says_what_was_done() -> None:
    house = stocked()
    rotation = house.rotated()
    verifier = overview(house).verifier
    assert verifier is not None
    assert rotation.receipt is not None
    text = verify(rotation.receipt, verifier)
    assert text.splitlines() == [
        "strongroom rotation receipt 1",
        "rotation: 1",
        f"new key: {rotation.new_key}",
        f"old keys: {rotation.old_keys[0]}",
        "cipher: fernet",
        "values re-sealed: 11",
        "values left under the old keys: 0",
        "started: 2026-11-23T12:00:00Z",
        "finished: 2026-11-23T12:00:00Z",
        "started by: tester",
    ]


def test_no_principal_can_write_a_line_of_a_receipt() -> None:
    rotation = replace(stocked().rotated(), started_by="x\nvalues re-sealed: 9\u2028é")
    assert receipt_text(rotation).splitlines()[-1] == (
        "started by: x\\nvalues re-sealed: 9\\u2028\\xe9"
    )


def test_no_row_of_the_store_can_write_a_line_of_a_receipt() -> None:
    rotation = stocked().rotated()
    lines = len(receipt_text(rotation).splitlines())
    forged = "x\nvalues left under the old keys: 0"
    planted = replace(rotation, new_key=forged, old_keys=(forged,), cipher=forged)
    assert len(receipt_text(planted).splitlines()) == lines


def test_a_rotation_that_runs_has_no_receipt() -> None:
    with pytest.raises(ValueError, match="runs"):
        receipt_text(stocked().rotate_data_key(CALLER))


def test_start_and_end_are_in_the_audit_log() -> None:
    house = stocked()
    house.rotated()
    words = [event.subject.reference for event in house.events()[-2:]]
    assert words[0].endswith("running")
    assert words[1].endswith("11 values re-sealed")


def test_a_key_is_destroyed_when_nothing_needs_it() -> None:
    house = stocked()
    (old,) = house.rotated().old_keys
    house.run(DestroyKey(key_id=old))
    gone = house.storage.read(lambda s: s.data_keys.find(old)).result()
    assert gone is not None
    assert (gone.state, gone.wrapped, gone.destroyed_at) == (KeyState.DESTROYED, "", START)
    assert not house.key_ring.holds(old)
    twin(house)
    assert_everything_opens(house)
    with pytest.raises(NotFound):
        house.run(DestroyKey(key_id=old))


def test_a_key_that_is_needed_is_not_destroyed() -> None:
    house = stocked()
    damage(house, 4)
    for key in (use.key for use in overview(house).keys):
        with pytest.raises(KeyNeeded, match="active"):
            house.run(DestroyKey(key_id=key.id))
    (old,) = house.rotate_data_key(CALLER).old_keys
    with pytest.raises(KeyNeeded, match="rotation runs"):
        house.run(DestroyKey(key_id=old))
    house.reseal_values(CALLER, never)
    with pytest.raises(KeyNeeded, match="1 values"):
        house.run(DestroyKey(key_id=old))
    with pytest.raises(NotFound):
        house.run(DestroyKey(key_id="f" * 16))


def test_the_overview_counts_what_each_key_is_needed_for() -> None:
    house = stocked()
    house.rotate_data_key(CALLER)
    uses = {(use.key.purpose, use.key.state): use.values for use in overview(house).keys}
    assert uses == {
        (KeyPurpose.SEAL, KeyState.RETIRED): 11,
        (KeyPurpose.SIGN, KeyState.ACTIVE): 0,
        (KeyPurpose.TOKEN, KeyState.ACTIVE): 0,
        (KeyPurpose.AUDIT, KeyState.ACTIVE): 0,
        (KeyPurpose.SEAL, KeyState.ACTIVE): 0,
    }


def test_an_unknown_rotation_is_not_found() -> None:
    with pytest.raises(NotFound):
        stocked().run(ReadRotation(rotation_id=1))


def test_a_process_that_does_not_hold_the_keys_fetches_them() -> None:
    house = stocked()
    other = twin(house)
    house.rotate_data_key(CALLER)
    assert other.reseal_values(CALLER, never) is not None


def test_a_key_wrapped_under_an_older_root_key_does_not_take_over() -> None:
    house = stocked()
    key = house.key_ring.mint(KeyPurpose.SEAL)
    twin(house).rotate_root_key(CALLER)
    with pytest.raises(RootKeyMoved):
        house.run(StartRotation(key=key, generation=house.key_ring.generation, principal="tester"))


def retire(house: House, purpose: KeyPurpose) -> None:
    """Leave the store without an active key, as nothing of ours does."""

    def work(session: Session) -> None:
        key = session.data_keys.active(purpose)
        assert key is not None
        session.data_keys.replace(key.retired(START))

    house.storage.write(work).result()


def test_a_store_without_an_active_key_cannot_rotate() -> None:
    house = stocked()
    retire(house, KeyPurpose.SEAL)
    with pytest.raises(Broken):
        house.rotate_data_key(CALLER)


def test_a_store_without_a_signing_key_ends_no_rotation() -> None:
    house = stocked()
    rotation = house.rotate_data_key(CALLER)
    retire(house, KeyPurpose.SIGN)
    with pytest.raises(Broken):
        house.reseal_values(CALLER, never)
    assert house.run(ReadRotation(rotation_id=rotation.id)).is_running
    assert overview(house).verifier is None


class NoKeys(ListedPolicy):
    """Refuses whatever is done with keys."""

    def decide(self, action: Action, names: Sequence[str]) -> Decision:
        if action.value.startswith("keys."):
            return Refused(rule="no keys", visible=True)
        return super().decide(action, names)


def test_who_may_not_rotate_has_no_key_minted() -> None:
    house = stocked()
    forbidden = House(
        house.storage, clock=house.clock, source=house.source, randomness=SeededRandomness(1),
        policy=NoKeys(),
    ).opened()  # fmt: skip
    held = repr(forbidden.key_ring)
    mint, minted = forbidden.key_ring.mint, list[KeyPurpose]()

    def noted(purpose: KeyPurpose) -> DataKey:
        minted.append(purpose)
        return mint(purpose)

    forbidden.key_ring.mint = noted  # type: ignore[method-assign]
    with pytest.raises(Denied):
        forbidden.rotate_data_key(CALLER)
    assert (minted, repr(forbidden.key_ring)) == ([], held)


def test_a_rotation_that_is_joined_has_no_key_minted() -> None:
    house = stocked()
    first = house.rotate_data_key(CALLER)
    held = repr(house.key_ring)
    assert house.rotate_data_key(CALLER) == first
    assert repr(house.key_ring) == held
