"""A store is looked at from inside, and neither it nor its root key is changed by that."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest

from adapters.ciphers import AesGcmCipher, FernetCipher
from adapters.key_ring import HkdfKeyRing
from adapters.memory import MemoryStorage
from adapters.memory.tables import Change
from adapters.root_keys.local import LocalRootKey
from application.health.examine_bin import MOST, ExamineBin
from application.health.examine_clock import LOOKED_AT, ExamineClock, last_number
from application.health.examine_keys import ExamineKeys
from application.health.examine_root_key import ExamineRootKey, LoadedRootKey, RootKeyExamined
from application.health.examine_secrets import BATCH, SAMPLE, Examined, ExamineSecrets
from application.health.open_value import Opener, OpenValue
from application.keys.bare_tokens import opens_none
from application.keys.sealer import Sealer
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.update_secret import UpdateSecret
from domain.errors import RootKeyUnavailable, UnknownFormat, WrongRootKey
from domain.health.finding import Level
from domain.health.tally import Fault
from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.seal import TAG
from domain.ports.cipher import Cipher
from domain.ports.key_ring import KeyRing
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import MAX_ID
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, START, FixedClock, KnownRootKey, SeededRandomness
from tests.house import House

T = TypeVar("T")

DAY = timedelta(days=1)
FOREIGN = LocalRootKey(b"\xee" * 32, source="foreign:")
FERNET = {"fernet": FernetCipher()}


@pytest.fixture
def house() -> House:
    return House(MemoryStorage()).opened()


def ring_of(source: RootKeySource) -> HkdfKeyRing:
    return HkdfKeyRing(source=source, clock=FixedClock(), randomness=SeededRandomness())


def open_value(house: House, ciphers: dict[str, Cipher] | None = None) -> OpenValue:
    ring = ring_of(LoadedRootKey(house.source.load()))
    known = ciphers or dict(FERNET)
    sealer = Sealer(key_ring=ring, ciphers=known, preferred="fernet")
    opener = Opener(sealer=sealer, key_ring=ring)
    return OpenValue(storage=house.storage, ciphers=known, opener=opener)


def examined(house: House, *, full: bool = True, opens: OpenValue | None = None) -> Examined:
    return ExamineSecrets(
        storage=house.storage,
        open_value=opens or open_value(house),
        progress=lambda *_: None,
    )(full=full)


def told(seen: Examined) -> list[str]:
    return [found.finding for found in seen.tally.findings()]


def put(house: House, number: int, **changes: object) -> None:
    """Write something past everything."""

    def work(session: Session) -> None:
        secret = session.secrets.find(SecretId(number))
        assert secret is not None
        session.secrets.replace(replace(secret, **changes))  # type: ignore[arg-type]

    house.storage.write(work).result()


def change(house: House, number: int, value: str) -> None:
    house.run(UpdateSecret(reference=SecretId(number), value=SecretValue(value)))


# Secrets and their values.


def test_a_sound_store_has_nothing_to_tell(house: House) -> None:
    for number in range(1, 4):
        house.create(f"n{number}")
    change(house, 1, "second")
    house.run(DeleteSecret(reference=SecretId(2)))
    seen = examined(house)
    assert (told(seen), seen.unread, seen.newest) == ([], [], START)
    assert (seen.secrets, seen.values) == (3, 4)


def test_every_value_is_opened_newest_and_earlier_living_and_deleted(house: House) -> None:
    for number in range(1, 4):
        house.create(f"n{number}")
        change(house, number, "second")
    sealed = house.storage.read(lambda s: s.secrets.find(SecretId(1))).result()
    assert sealed is not None
    put(house, 2, sealed=sealed.sealed)
    put(house, 3, sealed=sealed.sealed[:-9])
    house.run(DeleteSecret(reference=SecretId(3)))
    (line,) = told(examined(house))
    assert line.endswith(": 2, at ids 2, 3")


def test_an_earlier_value_is_told_with_its_version(house: House) -> None:
    house.create()
    for value in ("second", "third"):
        change(house, 1, value)
    house.run(DestroyVersion(reference=SecretId(1), version=2))

    def spoil(session: Session) -> None:
        (first, _) = session.versions.history(1)
        session.versions.add(replace(first, sealed=str(first.sealed)[:-9]))

    house.storage.write(spoil).result()
    (line,) = told(examined(house))
    assert line.endswith(": 1, at ids 1 (version 1)")


@pytest.mark.parametrize(
    ("sealed", "fault"),
    [
        ("gAAAAABh", Fault.BARE_TOKEN),
        ("nonsense", Fault.UNKNOWN_FORMAT),
        (b"bytes", Fault.UNKNOWN_FORMAT),
        (f"{TAG}:{'f' * 16}:fernet:x", Fault.KEY_GONE),
        (f"{TAG}:{'f' * 16}:rot13:x", Fault.UNKNOWN_CIPHER),
    ],
)
def test_what_is_wrong_with_a_stored_form_is_told(house: House, sealed: str, fault: Fault) -> None:
    assert open_value(house)(sealed, uid=bytes(16), version=1) is fault


def test_what_was_sealed_is_judged_after_it_was_opened(house: House) -> None:
    opens = open_value(house)
    seal = partial(house.sealer.seal_under, cipher="fernet", version=1, uid=bytes(16))
    active = house.storage.read(lambda s: s.data_keys.active()).result()
    assert active is not None
    here = partial(opens, uid=bytes(16), version=1)
    assert here(seal(active.id, b"text")) is None
    assert here(seal(active.id, b"")) is Fault.EMPTY
    assert here(seal(active.id, b"\xff")) is Fault.SEAL_BROKEN
    assert opens(seal(active.id, b"text"), uid=bytes(16), version=2) is Fault.SEAL_BROKEN
    assert opens(seal(active.id, b"text"), uid=bytes(16), version=-1) is Fault.SEAL_BROKEN
    assert opens(seal(active.id, b"text"), uid=bytes(3), version=1) is Fault.UNKNOWN_FORMAT


class Broken(AesGcmCipher):
    """A cipher whose package has lost a part."""

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        raise UnknownFormat("the cipher of the stored value cannot be loaded")


def test_a_cipher_that_cannot_be_loaded_is_an_unknown_one(house: House) -> None:
    other = House(house.storage, source=house.source, cipher="aes-256-gcm").opened()
    sealed = other.create().sealed
    secret = house.storage.read(lambda s: s.secrets.find(SecretId(1))).result()
    assert secret is not None
    opens = open_value(house, {**FERNET, "aes-256-gcm": Broken()})
    assert opens(sealed, uid=secret.uid, version=1) is Fault.UNKNOWN_CIPHER


def test_without_a_root_key_only_the_form_is_looked_at(house: House) -> None:
    house.create("1")
    house.create("2")
    put(house, 1, sealed="nonsense")
    put(house, 2, sealed=f"{TAG}:{'f' * 16}:fernet:x")
    opens = OpenValue(storage=house.storage, ciphers=FERNET, opener=None)
    (line,) = told(examined(house, opens=opens))
    assert line.endswith(": 1, at ids 1")


def test_a_destroyed_key_and_one_that_does_not_open_are_asked_for_once(house: House) -> None:
    house.create("1")
    sealed = house.create("2").sealed
    key_id = sealed.split(":")[1]

    def spoil(session: Session) -> None:
        key = session.data_keys.find(key_id)
        assert key is not None
        session.data_keys.replace(replace(key, wrapped="rk1:nothing"))

    house.storage.write(spoil).result()
    (line,) = told(examined(house))
    assert "data key" in line
    assert line.endswith(": 2, at ids 1, 2")
    house.storage.write(lambda s: s.data_keys.replace(_found(s, key_id).destroyed(START))).result()
    assert told(examined(house)) == [line]


def _found(session: Session, key_id: str) -> DataKey:
    key = session.data_keys.find(key_id)
    assert key is not None
    return key


def test_names_of_today_and_yesterday_are_told_apart(house: House) -> None:
    for name in ("fine", "odd"):
        house.create(name)
    put(house, 2, name="/odd")
    (found,) = examined(house).tally.findings()
    assert (found.check, found.level) == ("names", Level.NOTE)
    assert found.finding.endswith(": 1, at ids 2")


def test_a_sample_is_spread_over_a_large_store(house: House) -> None:
    total = SAMPLE + 500
    for number in range(total):
        house.create(f"n{number}")
    put(house, total, name="odd/")
    opened: list[int] = []

    class Counting(OpenValue):
        def __call__(self, stored: str, *, uid: bytes, version: int) -> Fault | None:
            opened.append(version)
            return None

    opens = Counting(storage=house.storage, ciphers=FERNET, opener=None)
    seen = examined(house, full=False, opens=opens)
    assert (seen.secrets, seen.values, len(opened)) == (total, total // 2, total // 2)
    assert len(list(seen.tally.findings())) == 1, "all names are looked at"
    assert examined(house, opens=opens).values == total


def test_ids_that_are_not_positive_are_walked_too() -> None:
    changes: list[Change] = []
    house = House(MemoryStorage(keep=changes.extend)).opened()
    for number in range(BATCH + 20):
        house.create(f"n{number}")
    lower = [
        replace(change, key=change.key - 110, row=replace(change.row, id=change.key - 110))
        if change.table == "secrets"
        else change
        for change in changes
    ]
    seen = examined(House(MemoryStorage(kept=lower), source=house.source))
    assert (seen.secrets, told(seen)) == (BATCH + 20, [])


class Unreadable(MemoryStorage):
    """A store with a row that cannot be made a secret of."""

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        if isinstance(work, partial):
            failed: Future[T] = Future()
            failed.set_exception(ValueError("what stood in the row"))
            return failed
        return super().read(work)


def test_a_row_that_cannot_be_read_ends_the_walk_and_is_not_shown() -> None:
    house = House(Unreadable()).opened()
    seen = examined(house)
    assert {found.level for found in seen.unread} == {Level.ERROR}
    assert "ValueError" in seen.unread[0].finding
    assert "stood" not in seen.unread[0].finding


# Keys, the bin, the clock.


def test_keys_are_judged_as_the_store_has_them(house: House) -> None:
    look = ExamineKeys(storage=house.storage, clock=house.clock, data_key_days=1, root_key_days=0)
    assert look() == []
    house.create()
    house.rotate_data_key(CALLER)
    house.clock.advance(timedelta(days=2))
    found = [item.finding for item in look()]
    assert ["days old" in found[0], "nobody works" in found[1], len(found)] == [True, True, 2]


def test_a_bin_that_is_not_emptied_is_told(house: House) -> None:
    look = ExamineBin(storage=house.storage, clock=house.clock)
    house.create()
    house.run(DeleteSecret(reference=SecretId(1)))
    house.clock.advance(30 * DAY)
    assert look() == []
    house.clock.advance(2 * DAY)
    (found,) = look()
    assert found.finding.endswith(": 1")


def test_a_bin_that_was_never_emptied_is_told_by_and_large(house: House) -> None:
    for number in range(MOST + 1):
        secret = house.create(f"n{number}")
        put(house, secret.id, deleted_at=START - 40 * DAY)
    (found,) = ExamineBin(storage=house.storage, clock=house.clock)()
    assert found.finding.endswith(f": {MOST} or more")


def test_the_clock_is_compared_with_what_was_written(house: House) -> None:
    look = ExamineClock(storage=house.storage, clock=house.clock)
    assert look(None) == []
    house.clock.advance(DAY)
    house.create()
    lease = partial(take, START + 3 * DAY)
    house.storage.write(lease).result()
    house.clock.advance(-DAY)
    places = [item.finding.partition(" lies")[0] for item in look(START + DAY)]
    assert places == [
        f"the newest moment in {place}" for place in ("the audit log", "the leases", "the secrets")
    ]


def take(until: datetime, session: Session) -> None:
    session.leases.take("rotation", holder="h", now=START, until=until)


@pytest.mark.parametrize("count", [0, 1, 2, 3, LOOKED_AT, MAX_ID])
def test_the_last_number_is_found_by_halving(count: int) -> None:
    assert last_number(lambda number: number < count) == count


# The root key.


def root_key(
    house: House,
    source: RootKeySource,
    record: RootKeyRecord | None = None,
    exposed: RootKey | None = None,
) -> RootKeyExamined:
    look = ExamineRootKey(
        source=source, ring_of=ring_of, exposed=None if exposed is None else lambda: exposed
    )
    return look(keys_of(house), record)


def keys_of(house: House) -> Sequence[DataKey]:
    gone = DataKey(
        id="d" * 16, state=house.storage.read(lambda s: s.data_keys.all()).result()[0].state,
        created_at=START, wrapped="",
    ).destroyed(START)  # fmt: skip
    return [*house.storage.read(lambda s: s.data_keys.all()).result(), gone]


class Failing(RootKeySource):
    """A place without a key that can be used."""

    def __init__(self, error: Exception, uri: str = "failing:") -> None:
        self._error = error
        self._uri = uri

    @property
    def uri(self) -> str:
        return self._uri

    def load(self) -> RootKey:
        raise self._error


RECORD = RootKeyRecord(generation=1, source="known:", since=START, principal="local")


def test_a_key_that_fits_is_not_mentioned(house: House) -> None:
    seen = root_key(house, house.source, RECORD)
    assert (seen.findings, seen.fitting) == ([], house.source.load())


def test_a_key_that_moved_with_its_folder_is_not_mentioned(house: House) -> None:
    assert root_key(house, house.source, replace(RECORD, source="known:else")).findings == []


def test_a_key_that_is_remembered_in_another_kind_of_place_is_a_note(house: House) -> None:
    (found,) = root_key(house, house.source, replace(RECORD, source="awskms:k")).findings
    assert found.level is Level.NOTE
    assert "awskms:k" in found.finding


@pytest.mark.parametrize("remembered", ["foreign:", "passphrase:"])
def test_a_foreign_key_is_an_error_that_says_where_the_right_one_is(
    house: House, remembered: str
) -> None:
    record = replace(RECORD, source=remembered)
    seen = root_key(house, LoadedRootKey(FOREIGN), record)
    (found,) = seen.findings
    assert (found.level, seen.fitting) == (Level.ERROR, None)
    assert ("set root_key to passphrase:" in found.mend) is (remembered == "passphrase:")


def test_a_missing_key_is_an_error_and_where_it_was_a_note(house: House) -> None:
    missing = Failing(WrongRootKey("it is missing; put it back"))
    seen = root_key(house, missing, RECORD)
    assert [(found.level, found.mend) for found in seen.findings] == [
        (Level.ERROR, "put it back"),
        (Level.NOTE, "set root_key to known:, if the key is still there"),
    ]
    assert len(root_key(house, missing, replace(RECORD, source="failing:")).findings) == 1
    assert len(root_key(house, missing).findings) == 1


def test_a_key_that_others_can_read_is_tried_all_the_same(house: House) -> None:
    open_to_others = Failing(WrongRootKey("others can read it; chmod"))
    seen = root_key(house, open_to_others, exposed=house.source.load())
    assert (len(seen.findings), seen.fitting) == (1, house.source.load())
    look = ExamineRootKey(source=open_to_others, ring_of=ring_of, exposed=open_to_others.load)
    assert len(look(keys_of(house), None).findings) == 1


def test_a_keeper_that_does_not_answer_is_an_error_once(house: House) -> None:
    away = Failing(RootKeyUnavailable("the service does not answer"))
    seen = root_key(house, away)
    assert [found.level for found in seen.findings] == [Level.ERROR]

    class Away(LocalRootKey):
        def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
            raise RootKeyUnavailable("the service does not answer")

    later = root_key(house, LoadedRootKey(Away(bytes(32), source="away:")))
    assert [found.level for found in later.findings] == [Level.ERROR]


def test_a_data_key_that_is_damaged_leaves_the_others(house: House) -> None:
    keys = [
        replace(key, wrapped="rk1:x") if key.purpose is KeyPurpose.SIGN else key
        for key in keys_of(house)
    ]
    seen = ExamineRootKey(source=house.source, ring_of=ring_of)(keys, RECORD)
    (found,) = seen.findings
    assert (found.level, seen.fitting) == (Level.ERROR, house.source.load())
    assert "but not its data keys" in found.finding


def test_a_successor_is_told_and_not_adopted() -> None:
    source = KnownRootKey()
    house = House(MemoryStorage(), source=source).opened()
    successor = source.propose()
    (early,) = root_key(house, source, RECORD).findings
    assert (early.level, "before it was used" in early.finding) == (Level.WARNING, True)

    def wrapped_anew(session: Session) -> None:
        for key in house.key_ring.rewrap(session.data_keys.all(), successor):
            session.data_keys.replace(key)

    house.storage.write(wrapped_anew).result()
    seen = root_key(house, source, RECORD)
    (late,) = seen.findings
    assert (late.level, seen.fitting) == (Level.WARNING, successor)
    assert "took the key's place" in late.finding
    assert source.proposed() == successor
    assert len(source.keys) == 1


def test_a_successor_that_does_not_fit_either_helps_nothing() -> None:
    source = KnownRootKey(b"\xdd" * 32)
    source.propose()
    seen = root_key(House(MemoryStorage()).opened(), source)
    assert ([found.level for found in seen.findings], seen.fitting) == ([Level.ERROR], None)


def test_a_ring_around_a_loaded_key_is_a_key_ring() -> None:
    assert isinstance(ring_of(LoadedRootKey(FOREIGN)), KeyRing)
    assert LoadedRootKey(FOREIGN).uri == "foreign:"


# What an earlier backend left.


class Wrapping(RootKey):
    """A root key that never sealed a value itself."""

    @property
    def source(self) -> str:
        return "wrapping:"

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        raise NotImplementedError

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        raise NotImplementedError


def test_bare_tokens_tell_whose_key_it_is() -> None:
    token = FOREIGN._fernet.encrypt(b"v").decode()
    assert not opens_none(FOREIGN, [])
    assert not opens_none(FOREIGN, ["gAAAAAx", token])
    assert opens_none(LocalRootKey(bytes(32), source="other:"), [token])
    assert opens_none(Wrapping(), [token])
