"""The keys at the start: minted once, checked always, and older values taken over."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

import pytest
from cryptography.fernet import Fernet

from adapters import base64url
from adapters.memory import MemoryStorage
from adapters.root_keys.local import LocalRootKey
from adapters.testing.examples import event, keep, recorded
from application.health.examine_tip import ExamineTip
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.errors import StartRefused, UnknownFormat, WrongRootKey
from domain.health.finding import Level
from domain.keys.data_key import SECOND_FORM, DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from domain.ports.storage import Session
from domain.secrets.reference import ByName, SecretId
from tests.fakes import CALLER, START, KnownRootKey
from tests.house import House

T = TypeVar("T")

EARLIER = Fernet(base64url.encode(bytes(range(32))))
STRANGE = Fernet(base64url.encode(bytes(32)))


def bare(house: House, name: str, value: bytes, fernet: Fernet = EARLIER) -> None:
    """Keep a secret as an earlier backend did."""
    keep(house.storage, name, sealed=fernet.encrypt(value).decode(), expires_at=None)


def revealed(house: House, name: str) -> str:
    text: str = house.run(RevealSecret(reference=ByName(name))).value.reveal()
    return text


def of_first_form(house: House, key: DataKey) -> DataKey:
    """Return a key wrapped as by versions that did not vouch for the tip of the log."""
    words = {KeyPurpose.SEAL: "data", KeyPurpose.SIGN: "signing", KeyPurpose.TOKEN: "token"}
    root_key = house.source.load()
    plain = root_key.unwrap(
        key.wrapped.removeprefix(SECOND_FORM),
        context=f"strongroom/sr2/{words[key.purpose]}-key/{key.id}".encode(),
    )
    context = f"strongroom/sr1/{words[key.purpose]}-key/{key.id}".encode()
    return replace(key, wrapped=root_key.wrap(plain, context=context))


@pytest.fixture
def empty() -> House:
    return House(MemoryStorage())


def test_the_first_start_mints_one_key(empty: House) -> None:
    assert empty.prepare_keys(CALLER).minted
    assert not empty.prepare_keys(CALLER).minted
    keys = empty.storage.read(lambda s: s.data_keys.all()).result()
    assert {key.purpose for key in keys} == set(KeyPurpose)
    assert len(keys) == len(KeyPurpose)


def test_two_servers_that_start_at_once_end_up_with_one_key() -> None:
    class Raced(MemoryStorage):
        """Has another server start between this one's look and its turn to write."""

        raced = False

        def write(self, work: Callable[[Session], T]) -> Future[T]:
            if not self.raced:
                self.raced = True
                House(self).opened()
            return super().write(work)

    late = House(Raced())
    assert not late.prepare_keys(CALLER).minted
    assert late.create("n").version == 1


def test_every_bare_value_is_taken_over(empty: House) -> None:
    values = {f"name-{number}": f"value-{number}" for number in range(2500)}
    for name, value in values.items():
        bare(empty, name, value.encode())
    prepared = empty.prepare_keys(CALLER)
    assert (prepared.adopted, prepared.unreadable) == (2500, ())
    # By id: the store in memory looks through all names for one.
    opened = [empty.run(RevealSecret(reference=SecretId(n))) for n in range(1, 2501)]
    assert {each.secret.name: each.value.reveal() for each in opened} == values


def test_taking_over_is_in_the_audit_log(empty: House) -> None:
    bare(empty, "n", b"v")
    empty.prepare_keys(CALLER)
    (event,) = empty.events()
    assert (event.action, event.subject.reference) == (Action.ADOPT, "1 values taken over")


def test_a_bare_value_that_turns_up_later_is_refused(empty: House) -> None:
    empty.prepare_keys(CALLER)
    bare(empty, "smuggled", b"v")
    empty.prepare_keys(CALLER)
    with pytest.raises(UnknownFormat):
        revealed(empty, "smuggled")


def test_what_does_not_open_is_kept_and_reported(empty: House) -> None:
    bare(empty, "good", b"v")
    bare(empty, "foreign", b"v", STRANGE)
    bare(empty, "no text", b"\xff")
    keep(empty.storage, "no token", sealed="plain text", expires_at=None)
    prepared = empty.prepare_keys(CALLER)
    assert (prepared.adopted, prepared.unreadable) == (1, (2, 3, 4))
    assert revealed(empty, "good") == "v"


def test_a_key_that_opens_nothing_stops_the_start_and_changes_nothing(empty: House) -> None:
    bare(empty, "foreign", b"v", STRANGE)
    with pytest.raises(WrongRootKey):
        empty.prepare_keys(CALLER)
    assert list(empty.storage.read(lambda s: s.data_keys.all()).result()) == []


class WrapsOnly(RootKey):
    """A root key that cannot open what earlier backends sealed, like one in a key service."""

    def __init__(self) -> None:
        self._inner = LocalRootKey(bytes(32), source="inner")

    @property
    def source(self) -> str:
        return "far away"

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        return self._inner.wrap(data_key, context=context)

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        return self._inner.unwrap(wrapped, context=context)


class FarAway(RootKeySource):
    """The place of such a key."""

    @property
    def uri(self) -> str:
        return "far:away"

    def load(self) -> RootKey:
        return WrapsOnly()


def test_a_root_key_that_opens_no_bare_values_takes_none_over() -> None:
    house = House(MemoryStorage(), source=FarAway())
    bare(house, "n", b"v")
    with pytest.raises(WrongRootKey):
        house.prepare_keys(CALLER)


def test_a_store_of_before_rotation_gets_what_it_lacks(empty: House) -> None:
    key = of_first_form(empty, empty.key_ring.mint(KeyPurpose.SEAL))
    empty.storage.write(lambda s: s.data_keys.add(key)).result()
    prepared = empty.prepare_keys(CALLER, adopts=True)
    assert not prepared.minted
    active = empty.storage.read(lambda s: s.data_keys.active()).result()
    assert active is not None
    assert active.id == key.id
    assert empty.storage.read(lambda s: s.data_keys.active(KeyPurpose.SIGN)).result() is not None
    record = empty.storage.read(lambda s: s.root_keys.current()).result()
    assert record is not None
    assert (record.generation, record.source) == (1, "known:")


def test_sealed_values_without_their_data_keys_stop_the_start(empty: House) -> None:
    keep(empty.storage, "n")
    with pytest.raises(StartRefused, match="data_keys"):
        empty.prepare_keys(CALLER)


def test_another_root_key_stops_the_start(empty: House) -> None:
    empty.prepare_keys(CALLER)
    other = House(empty.storage, source=KnownRootKey(bytes(32)))
    with pytest.raises(WrongRootKey):
        other.prepare_keys(CALLER)


def test_a_start_after_the_root_key_was_moved_says_where_it_is(empty: House) -> None:
    empty.prepare_keys(CALLER)
    moved = RootKeyRecord(generation=2, source="elsewhere:", since=START, principal="p")
    empty.storage.write(lambda s: s.root_keys.add(moved)).result()
    with pytest.raises(WrongRootKey, match="under the root key at elsewhere:"):
        House(empty.storage, source=KnownRootKey(bytes(32))).prepare_keys(CALLER)


def active(house: House, purpose: KeyPurpose) -> DataKey:
    """Return the key that is active for a purpose."""
    found = house.storage.read(lambda s: s.data_keys.active(purpose)).result()
    assert found is not None
    return found


def lose(house: House, purpose: KeyPurpose) -> DataKey:
    """Take a key away as whoever writes the database can."""
    key = active(house, purpose)
    house.storage.write(lambda s: s.data_keys.replace(key.retired(START))).result()
    return key


LOSABLE = (KeyPurpose.SEAL, KeyPurpose.SIGN, KeyPurpose.TOKEN)


@pytest.mark.parametrize("purpose", LOSABLE)
def test_a_key_that_was_taken_away_is_not_made_anew_by_a_start(
    empty: House, purpose: KeyPurpose
) -> None:
    empty.prepare_keys(CALLER)
    lose(empty, purpose)
    with pytest.raises(StartRefused, match=f"the key for '{purpose.value}' is gone"):
        empty.prepare_keys(CALLER, adopts=True)


@pytest.mark.parametrize("purpose", LOSABLE)
def test_somebody_who_has_looked_has_a_lost_key_replaced_and_the_log_tells(
    empty: House, purpose: KeyPurpose
) -> None:
    empty.prepare_keys(CALLER)
    lost = lose(empty, purpose)
    empty.prepare_keys(CALLER, given_up={purpose})
    assert active(empty, purpose).id != lost.id
    told = empty.events()[-1]
    assert told.action is Action.REPLACE_KEY
    assert told.subject.reference == f"a new key for '{purpose.value}', the one before is lost"
    assert empty.prepare_keys(CALLER).minted is False


def test_a_replaced_key_is_told_by_every_look_and_is_no_fault(empty: House) -> None:
    empty.prepare_keys(CALLER)
    lose(empty, KeyPurpose.TOKEN)
    empty.prepare_keys(CALLER, given_up={KeyPurpose.TOKEN})
    number = len(empty.events())
    found = empty.verify_log()
    assert (found.replaced, found.findings) == ([number], [])
    (told,) = ExamineTip(storage=empty.storage, macs=empty.macs)()
    assert told.level is Level.NOTE
    assert told.finding == f"a key that was lost was replaced by a new one: entry {number}"


def test_only_what_is_lost_is_replaced(empty: House) -> None:
    empty.prepare_keys(CALLER)
    lose(empty, KeyPurpose.SIGN)
    with pytest.raises(StartRefused, match="the key for 'token' is not lost"):
        empty.prepare_keys(CALLER, given_up={KeyPurpose.SIGN, KeyPurpose.TOKEN})
    with pytest.raises(StartRefused, match="the key for 'sign' is gone"):
        empty.prepare_keys(CALLER)


def test_the_key_that_vouches_for_the_log_is_not_replaced(empty: House) -> None:
    empty.prepare_keys(CALLER)
    lose(empty, KeyPurpose.AUDIT)
    with pytest.raises(StartRefused, match="vouches for the audit log is gone"):
        empty.prepare_keys(CALLER, given_up={KeyPurpose.AUDIT})


def test_keys_that_are_gone_are_not_made_anew(empty: House) -> None:
    empty.prepare_keys(CALLER)
    other = House(MemoryStorage(), source=empty.source)
    record = empty.storage.read(lambda s: s.root_keys.current()).result()
    assert record is not None
    other.storage.write(lambda s: s.root_keys.add(record)).result()
    bare(other, "smuggled", b"v")
    with pytest.raises(StartRefused, match="used before"):
        other.prepare_keys(CALLER)


def test_a_store_with_an_audit_log_adopts_nothing() -> None:
    storage = MemoryStorage()
    recorded(storage, event())
    empty = House(storage)
    bare(empty, "smuggled", b"v")
    with pytest.raises(StartRefused, match="used before"):
        empty.prepare_keys(CALLER)
