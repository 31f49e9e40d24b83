import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from adapters.key_ring import HkdfKeyRing
from adapters.memory import MemoryStorage
from application.keys.sealer import KeyAbsent
from domain.errors import KeyUnavailable, SealBroken, UnknownFormat, WrongRootKey
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.seal import SealedValue, is_bare_token, seal_context
from domain.ports.storage import Session
from domain.secrets.value import SecretValue
from tests.fakes import START, FixedClock, KnownRootKey, SeededRandomness
from tests.house import House

UID, OTHER_UID = bytes(16), bytes(15) + b"\x01"


def sealed(house: House, text: str = "value", *, uid: bytes = UID, version: int = 1) -> str:
    def work(session: Session) -> str:
        return house.sealer.seal(SecretValue(text), uid=uid, version=version, session=session)

    return house.storage.read(work).result()


def opened(house: House, stored: str, *, uid: bytes = UID, version: int = 1) -> str:
    def work(session: Session) -> str:
        return house.sealer.open(stored, uid=uid, version=version, session=session).reveal()

    return house.storage.read(work).result()


@given(
    st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True),
    st.from_regex(r"[!-~]+", fullmatch=True),
)
def test_a_stored_form_is_taken_apart_as_it_was_put_together(
    key_id: str, cipher: str, token: str
) -> None:
    whole = SealedValue(key_id=key_id, cipher=cipher, token=token)
    assert SealedValue.parse(whole.render()) == whole


@pytest.mark.parametrize(
    "stored",
    [
        "", "sr1", "sr1:", "sr2:0000000000000000:fernet:x", "sr1:0:fernet:x",
        "sr1:000000000000000G:fernet:x", "sr1:0000000000000000::x", "sr1:0000000000000000:fernet:",
        "sr1:0000000000000000:fernet:x y", "sr1:0000000000000000:fernet:x\n", "gAAAAABtoken",
        " sr1:0000000000000000:fernet:x", "SR1:0000000000000000:fernet:x",
    ],
)  # fmt: skip
def test_any_other_form_is_refused(stored: str) -> None:
    with pytest.raises(UnknownFormat):
        SealedValue.parse(stored)


def test_a_bare_token_is_recognised() -> None:
    assert is_bare_token("gAAAAABmF-_x=")
    assert not is_bare_token("sr1:0000000000000000:fernet:gAAAAAB")
    assert not is_bare_token("gAAAAAB token")


PLACES = st.tuples(
    st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True), st.binary(min_size=16, max_size=16),
    st.integers(0, 2**64 - 1),
)  # fmt: skip


@given(PLACES, PLACES)
def test_no_two_places_have_one_context(
    one: tuple[str, bytes, int], other: tuple[str, bytes, int]
) -> None:
    contexts = [seal_context(cipher=c, uid=u, version=v) for c, u, v in (one, other)]
    assert (contexts[0] == contexts[1]) == (one == other)


def test_a_context_needs_a_whole_uid() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        seal_context(cipher="fernet", uid=b"short", version=1)


@pytest.mark.parametrize("cipher", ["fernet", "aes-256-gcm", "chacha20-poly1305"])
def test_what_any_cipher_sealed_opens_in_its_own_place_only(house: House, cipher: str) -> None:
    house = House(house.storage, cipher=cipher).opened()
    stored = sealed(house)
    assert opened(house, stored) == "value"
    with pytest.raises(SealBroken):
        opened(house, stored, uid=OTHER_UID)
    with pytest.raises(SealBroken):
        opened(house, stored, version=2)


def test_a_value_of_another_cipher_keeps_opening(house: House) -> None:
    stored = sealed(House(house.storage, cipher="aes-256-gcm").opened())
    assert opened(house, stored) == "value"


def test_a_token_given_out_as_another_ciphers_does_not_open(house: House) -> None:
    stored = sealed(House(house.storage, cipher="aes-256-gcm").opened())
    with pytest.raises(SealBroken):
        opened(house, stored.replace("aes-256-gcm", "chacha20-poly1305"))


def test_an_unknown_cipher_is_named_a_problem(house: House) -> None:
    with pytest.raises(UnknownFormat):
        opened(house, sealed(house).replace("fernet", "rot13"))


def test_a_value_whose_data_key_is_gone_does_not_open(house: House) -> None:
    stored = sealed(house)
    key_id = SealedValue.parse(stored).key_id
    with pytest.raises(KeyUnavailable):
        opened(house, stored.replace(key_id, "0" * 16))


def test_a_store_without_a_data_key_seals_nothing() -> None:
    with pytest.raises(KeyUnavailable):
        sealed(House(MemoryStorage()))


def test_a_data_key_that_is_not_at_hand_is_named(house: House) -> None:
    stored = sealed(house)
    key = house.storage.read(lambda s: s.data_keys.active()).result()
    with pytest.raises(KeyAbsent) as absent:
        opened(House(house.storage), stored)
    assert absent.value.key == key
    with pytest.raises(KeyAbsent):
        sealed(House(house.storage))


def test_a_destroyed_key_opens_nothing(house: House) -> None:
    stored = sealed(house)
    key = house.storage.read(lambda s: s.data_keys.active()).result()
    assert key is not None
    house.storage.write(lambda s: s.data_keys.replace(key.destroyed(START))).result()
    house.key_ring.forget(key.id)
    with pytest.raises(KeyUnavailable, match="destroyed"):
        opened(house, stored)
    with pytest.raises(KeyUnavailable):
        house.key_ring.derive(key.id, b"context")


def test_a_data_key_of_another_length_is_refused(house: House) -> None:
    key_id = "0" * 16
    context = f"strongroom/sr1/data-key/{key_id}".encode()
    wrapped = house.source.load().wrap(b"short", context=context)
    key = DataKey(id=key_id, state=KeyState.ACTIVE, created_at=START, wrapped=wrapped)
    with pytest.raises(WrongRootKey):
        house.key_ring.fetch(key).result()


def test_keys_are_not_shown(house: House) -> None:
    assert repr(house.key_ring) == "HkdfKeyRing(4 held)"
    assert repr(house.source.load()) == "LocalRootKey(known)"


@given(st.binary(max_size=200))
def test_a_derived_key_is_the_one_of_rfc_5869(context: bytes) -> None:
    ring = HkdfKeyRing(source=KnownRootKey(), clock=FixedClock(), randomness=SeededRandomness())
    key = ring.mint(KeyPurpose.SEAL)
    library = HKDF(SHA256(), 32, salt=None, info=context)
    assert ring.derive(key.id, context) == library.derive(ring._held[key.id].plain)
