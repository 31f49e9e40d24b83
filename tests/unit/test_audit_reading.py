"""Listing, proving and signing the log, through the gate."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from adapters.signing.note import verify
from application.audit.list_entries import ListEntries
from application.audit.make_checkpoint import TASK, MakeCheckpoint
from application.audit.prove import ConsistencyOf, InclusionOf, Proved
from application.audit.prove import Prove as ProveCommand
from application.audit.read_checkpoint import ReadCheckpoint
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.audit.checkpoint import Checkpoint, parse_checkpoint
from domain.audit.merkle import TreeState
from domain.audit.proofs import verify_consistency, verify_inclusion
from domain.audit.query import AuditQuery
from domain.errors import Broken, InvalidInput, NotFound
from domain.keys.data_key import DataKey, KeyPurpose
from domain.ports.audit_tree import AuditTree, node_of
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from tests.fakes import START
from tests.house import House


def grown(house: House, entries: int) -> None:
    """Create something, and read it until the log has so many entries."""
    house.create("n")
    for _ in range(entries - 1):
        house.run(RevealSecret(reference=SecretId(1)))


def prove(house: House, of: InclusionOf | ConsistencyOf) -> Proved:
    proved: Proved = house.run(ProveCommand(of=of))
    return proved


def test_a_page_holds_what_was_there_before_it_was_asked_for(house: House) -> None:
    grown(house, 3)
    page = house.run(ListEntries(query=AuditQuery(action=Action.REVEAL)))
    assert [record.number for record in page] == [2, 3]
    assert house.events()[-1].subject.reference == "2 entries"


def test_a_checkpoint_says_what_the_log_is(house: House) -> None:
    grown(house, 3)
    made = house.make_checkpoint()
    assert made is not None
    signed = house.run(ReadCheckpoint())
    assert signed.checkpoint == made
    claim = parse_checkpoint(verify(made.note, signed.verifier))
    assert (claim.size, claim.root) == (made.size, made.root)
    assert claim.origin == signed.verifier.partition("+")[0]
    assert made.at == START


def test_the_first_checkpoint_that_covers_an_entry_is_found(house: House) -> None:
    grown(house, 3)
    first = house.make_checkpoint()
    grown_by_reading = house.run(ReadCheckpoint(size=1))
    second = house.make_checkpoint()
    assert grown_by_reading.checkpoint == first
    assert house.run(ReadCheckpoint(size=4)).checkpoint == second
    with pytest.raises(NotFound):
        house.run(ReadCheckpoint(size=1000))


def test_there_is_no_checkpoint_before_there_is_anything_to_sign(house: House) -> None:
    assert house.make_checkpoint() is None
    with pytest.raises(NotFound):
        house.run(ReadCheckpoint())


def test_nothing_is_signed_twice(house: House) -> None:
    grown(house, 2)
    assert house.make_checkpoint() is not None
    assert house.make_checkpoint() is None


def test_one_process_makes_a_checkpoint_at_a_time(house: House) -> None:
    grown(house, 2)
    until = START + timedelta(seconds=30)
    house.storage.write(
        lambda s: s.leases.take(TASK, holder="other", now=START, until=until)
    ).result()
    assert house.make_checkpoint() is None
    house.clock.advance(timedelta(minutes=1))
    assert house.make_checkpoint() is not None


class _Slow(MakeCheckpoint):
    """Makes one whose size somebody else has signed since it looked."""

    def _make(self, key: DataKey, session: Session) -> Checkpoint | None:
        made = super()._make(key, session)
        super()._make(key, session)
        return made


def test_who_comes_second_makes_none(house: House) -> None:
    grown(house, 2)
    slow = _Slow(
        storage=house.storage, key_ring=house.key_ring, signer=house.signer, clock=house.clock,
        macs=house.macs,
        announce=house.announce,
        turns=house.turns,
    )  # fmt: skip
    assert slow() is None


def test_a_signing_key_that_is_not_at_hand_is_fetched() -> None:
    storage = MemoryStorage()
    grown(House(storage).opened(), 2)
    assert House(storage).make_checkpoint() is not None


def test_without_a_signing_key_nothing_is_signed(house: House) -> None:
    grown(house, 2)

    def retire(session: Session) -> None:
        key = session.data_keys.active(KeyPurpose.SIGN)
        assert key is not None
        session.data_keys.replace(key.retired(START))

    house.storage.write(retire).result()
    with pytest.raises(Broken, match="no signing key"):
        house.make_checkpoint()


def test_a_log_that_became_shorter_is_not_signed_again() -> None:
    storage = MemoryStorage()
    house = House(storage).opened()
    grown(house, 3)
    house.make_checkpoint()
    tables = storage._session.audit._tables  # type: ignore[attr-defined]
    storage.write(lambda _: tables.audit_tree.put("tree", TreeState())).result()
    with pytest.raises(Broken, match="a checkpoint of 3 was signed"):
        house.make_checkpoint()


@pytest.mark.parametrize("size", [None, 5, 7])
def test_an_entry_is_proved(house: House, size: int | None) -> None:
    grown(house, 7)
    made = house.make_checkpoint()
    proved = prove(house, InclusionOf(number=4, size=size))
    verify_inclusion(proved.start, 3, proved.size, proved.hashes, proved.root)
    assert proved.checkpoint == (None if size == 5 else made)


@pytest.mark.parametrize("second", [None, 7])
def test_growth_is_proved(house: House, second: int | None) -> None:
    grown(house, 7)
    house.make_checkpoint()
    proved = prove(house, ConsistencyOf(first=3, second=second))
    verify_consistency(3, 7, proved.hashes, proved.start, proved.root)
    assert house.events()[-1].subject.reference == "3 entries of 7"


def test_what_no_checkpoint_covers_yet_is_not_proved(house: House) -> None:
    grown(house, 3)
    with pytest.raises(NotFound, match="checkpoint"):
        prove(house, InclusionOf(number=1))
    house.make_checkpoint()
    house.run(RevealSecret(reference=SecretId(1)))
    with pytest.raises(NotFound, match="checkpoint"):
        prove(house, InclusionOf(number=5))


@pytest.mark.parametrize("number", [0, 4])
def test_an_entry_that_is_not_there_is_not_proved(house: House, number: int) -> None:
    grown(house, 3)
    with pytest.raises(NotFound, match="no such entry"):
        prove(house, InclusionOf(number=number))


@pytest.mark.parametrize(
    "of",
    [
        InclusionOf(number=3, size=2),
        InclusionOf(number=3, size=4),
        ConsistencyOf(first=0, second=3),
        ConsistencyOf(first=3, second=2),
        ConsistencyOf(first=3, second=4),
    ],
)
def test_a_size_that_cannot_be_is_refused(house: House, of: InclusionOf | ConsistencyOf) -> None:
    grown(house, 3)
    with pytest.raises(InvalidInput):
        prove(house, of)


def test_a_tree_that_lacks_hashes_proves_nothing() -> None:
    class Bare(AuditTree):
        def state(self) -> TreeState:
            return TreeState()

        def hashes(self, height: int, *, start: int, count: int) -> list[bytes]:
            return []

    with pytest.raises(Broken, match="lacks hashes"):
        node_of(Bare())(3, 0)
