"""Whatever was changed, taken away or put back is found, and the finding says where.

The store is changed as somebody would who can write to it: past the gate and the log.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from application.audit.check_tree import CheckTree
from application.audit.erase_entries import EraseEntries
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.purge_secret import PurgeSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry, Subject
from domain.audit.finding import Verification
from domain.audit.merkle import TreeState, leaf_hash
from domain.audit.record import AuditRecord
from domain.audit.tip import TipTag
from domain.errors import Broken, NotFound
from domain.ports.audit_tree import AuditTree
from domain.ports.tip_mac import UNVOUCHED, vouched
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from tests.fakes import START, KnownRootKey
from tests.house import House


def update(house: House, number: int, **changes: Any) -> Secret:
    changed: Secret = house.run(UpdateSecret(reference=SecretId(number), **changes))
    return changed


@pytest.fixture
def house() -> House:
    """A house with one secret of each kind, and two checkpoints: of 4 and of 10 entries."""
    house = House(MemoryStorage()).opened()
    house.create("kept")  # entry 1
    house.create("changed")
    update(house, 2, value=SecretValue("second"))
    update(house, 2, description="as it is now")  # entry 4
    house.make_checkpoint()
    house.create("deleted")
    house.run(DeleteSecret(reference=SecretId(3)))
    house.create("purged")
    house.run(PurgeSecret(reference=SecretId(4)))  # entry 8
    house.run(DestroyVersion(reference=SecretId(2), version=1))
    house.run(RevealSecret(reference=SecretId(1)))  # entry 10
    house.make_checkpoint()
    return house


def tables(house: House) -> Any:
    return house.storage._session.audit._tables  # type: ignore[attr-defined]


def tamper(house: House, work: Callable[[Any], object]) -> None:
    """Change the tables past the gate."""
    house.storage.write(lambda _: work(tables(house))).result()


def places(found: Verification) -> list[tuple[int | None, int | None]]:
    return [(finding.entry, finding.secret) for finding in found.findings]


def secret_of(house: House, number: int) -> Secret:
    found: Secret = tables(house).secrets[number]
    return found


def changed_entry(record: AuditRecord, *, fits: bool = False, **changes: Any) -> AuditRecord:
    assert record.entry is not None
    event = replace(record.entry.event, **changes)
    entry = AuditEntry(number=record.number, event=event)
    return replace(record, entry=entry, leaf=entry_leaf(entry) if fits else record.leaf)


def test_a_log_that_nobody_touched_verifies(house: House) -> None:
    found = house.verify_log()
    assert (found.size, found.checkpoints, found.secrets, found.erased) == (10, 2, 3, 0)
    assert list(found.findings) == []
    assert found.root == house.storage.read(lambda s: s.audit_tree.state()).result().root


def test_an_empty_store_verifies() -> None:
    assert not House(MemoryStorage()).verify_log().findings


ENTRY_CHANGES: Mapping[str, dict[str, Any]] = {
    "who": {"principal": "somebody else"},
    "when": {"at": START.replace(year=2025)},
    "what": {"action": Action.READ},
    "about which": {"subject": Subject(reference="id 99")},
}


@pytest.mark.parametrize("changes", ENTRY_CHANGES.values(), ids=ENTRY_CHANGES)
def test_a_changed_entry_is_found(house: House, changes: dict[str, Any]) -> None:
    tamper(house, lambda t: t.audit.put(10, changed_entry(t.audit[10], **changes)))
    assert places(house.verify_log()) == [(10, None)]


def test_an_entry_that_cannot_be_read_is_found(house: House) -> None:
    tamper(house, lambda t: t.audit.put(10, replace(t.audit[10], entry=None)))
    assert places(house.verify_log()) == [(10, None)]


def test_a_changed_entry_with_a_leaf_that_fits_is_found_by_what_was_signed(house: House) -> None:
    def work(t: Any) -> None:
        t.audit.put(6, changed_entry(t.audit[6], fits=True, principal="somebody else"))

    tamper(house, work)
    found = house.verify_log()
    # It lies between the two checkpoints, and the state of the tree does not fit either.
    assert places(found) == [(5, None), (None, None)]
    assert "entries 5 to 10" in found.findings[0].text


def test_a_log_that_was_written_anew_is_found_by_what_was_signed(house: House) -> None:
    def work(t: Any) -> None:
        t.audit.put(3, changed_entry(t.audit[3], fits=True, principal="somebody else"))
        t.audit_tree.put("tree", TreeState().grown(t.audit[n].leaf for n in range(1, 11))[0])

    tamper(house, work)
    found = house.verify_log()
    assert places(found) == [(1, None), (None, None)]
    assert "entries 1 to 4" in found.findings[0].text


def test_entries_that_changed_places_are_found(house: House) -> None:
    def work(t: Any) -> None:
        first, second = t.audit[9], t.audit[10]
        for number, record in ((9, second), (10, first)):
            entry = AuditEntry(number=number, event=record.entry.event)
            t.audit.put(number, AuditRecord(number=number, leaf=record.leaf, entry=entry))

    tamper(house, work)
    assert (9, None) in places(house.verify_log())
    assert (10, None) in places(house.verify_log())


def test_a_missing_entry_is_found(house: House) -> None:
    tamper(house, lambda t: t.audit.put(9, t.audit[10]))
    found = house.verify_log()
    assert (9, None) in places(found)
    assert "entries 9 to 9 are missing" in [finding.text for finding in found.findings]


def test_a_cut_log_is_found(house: House) -> None:
    tamper(house, lambda t: t.audit.drop(10))
    found = house.verify_log()
    assert places(found) == [(10, None), (10, None)]
    assert "state of the tree" in found.findings[0].text
    assert "a checkpoint of 10 entries was signed" in found.findings[1].text


@pytest.fixture
def of_then(house: House) -> tuple[TreeState, TipTag]:
    """What the server itself kept of the tip when there were nine entries."""
    state = TreeState().grown(tables(house).audit[n].leaf for n in range(1, 10))[0]
    key_id = tables(house).tip_tags["tree"].key_id
    return state, vouched(house.macs, state, key_id=key_id)


def put_tip_back(house: House, of_then: tuple[TreeState, TipTag]) -> None:
    """Cut the log, and put back what the server had written when it ended there."""

    def work(t: Any) -> None:
        t.audit.drop(10)
        t.audit_tree.put("tree", of_then[0])
        t.tip_tags.put("tree", of_then[1])

    tamper(house, work)


def test_a_log_that_was_cut_with_its_tree_is_found_by_what_was_signed(
    house: House, of_then: tuple[TreeState, TipTag]
) -> None:
    put_tip_back(house, of_then)
    assert places(house.verify_log()) == [(10, None)]


def test_a_log_that_was_cut_to_where_it_never_ended_is_found_by_its_tip(house: House) -> None:
    def work(t: Any) -> None:
        t.audit.drop(10)
        t.audit_tree.put("tree", TreeState().grown(t.audit[n].leaf for n in range(1, 10))[0])
        t.checkpoints.drop(10)

    tamper(house, work)
    assert [finding.text for finding in house.verify_log().findings] == [UNVOUCHED]


def test_a_log_that_was_cut_with_everything_is_found_by_what_lies_outside(
    house: House, of_then: tuple[TreeState, TipTag]
) -> None:
    outside = tables(house).checkpoints[10].note
    put_tip_back(house, of_then)
    tamper(house, lambda t: t.checkpoints.drop(10))
    assert places(house.verify_log()) == []
    assert places(house.verify_log([outside])) == [(10, None)]


def test_entries_that_the_tree_does_not_have_are_found(house: House) -> None:
    state = TreeState().grown(tables(house).audit[n].leaf for n in range(1, 10))[0]
    tamper(house, lambda t: t.audit_tree.put("tree", state))
    assert places(house.verify_log()) == [(10, None)]


def test_a_state_that_is_none_is_found(house: House) -> None:
    broken = object.__new__(TreeState)
    object.__setattr__(broken, "size", 10)
    object.__setattr__(broken, "peaks", ())
    tamper(house, lambda t: t.audit_tree.put("tree", broken))
    assert places(house.verify_log()) == [(None, None)]


def test_a_checkpoint_that_was_changed_is_found(house: House) -> None:
    other = replace(tables(house).checkpoints[4], root=b"\x00" * 32)
    tamper(house, lambda t: t.checkpoints.put(4, other))
    assert places(house.verify_log()) == [(4, None)]


@pytest.mark.parametrize("note", ["", "nonsense\n", "strongroom-x\n1\n\n— strongroom-x AAAA\n"])
def test_a_checkpoint_that_nobody_signed_is_found(house: House, note: str) -> None:
    found = house.verify_log([note])
    assert places(found) == [(None, None)]
    assert "checkpoint 1 of those from outside" in found.findings[0].text


def test_a_checkpoint_that_another_key_signed_is_found() -> None:
    other = House(MemoryStorage(), source=KnownRootKey(bytes(32))).opened()
    other.create("n")
    made = other.make_checkpoint()
    assert made is not None
    assert not other.verify_log([made.note]).findings
    another = House(MemoryStorage(), source=KnownRootKey(bytes([1] * 32)))
    another.randomness.token(16)  # so that its keys have other ids
    another.opened()
    assert places(another.verify_log([made.note])) == [(None, None)]


def test_a_key_that_is_not_at_hand_verifies_nothing(house: House) -> None:
    found = House(house.storage, source=KnownRootKey(bytes(32))).verify_log()
    assert places(found) == [(4, None), (10, None), (None, None)]


def put_back(house: House, secret: Secret) -> None:
    tamper(house, lambda t: t.secrets.put(secret.id, secret))


def test_an_older_row_that_was_put_back_is_found(house: House) -> None:
    before = secret_of(house, 2)
    update(house, 2, value=SecretValue("third"))
    put_back(house, before)
    found = house.verify_log()
    assert places(found) == [(11, 2)]
    assert "older than the entry" in found.findings[0].text


def test_an_older_description_that_was_put_back_is_found(house: House) -> None:
    before = secret_of(house, 2)
    update(house, 2, description="newer")
    put_back(house, before)
    assert places(house.verify_log()) == [(11, 2)]


def test_a_row_that_was_changed_without_an_entry_is_found(house: House) -> None:
    put_back(house, replace(secret_of(house, 2), revision=99))
    assert places(house.verify_log()) == [(4, 2)]


def test_a_deleted_row_that_lives_again_is_found(house: House) -> None:
    put_back(house, replace(secret_of(house, 3), deleted_at=None))
    assert places(house.verify_log()) == [(6, 3)]


def test_a_living_row_that_was_deleted_is_found(house: House) -> None:
    put_back(house, replace(secret_of(house, 1), deleted_at=START))
    assert places(house.verify_log()) == [(1, 1)]


def test_a_restored_secret_lives(house: House) -> None:
    house.run(RestoreSecret(reference=SecretId(3)))
    assert not house.verify_log().findings


def test_a_missing_row_is_found(house: House) -> None:
    tamper(house, lambda t: t.secrets.drop(2))
    found = house.verify_log()
    assert places(found) == [(4, 2)]
    assert "missing" in found.findings[0].text


def test_a_purged_row_that_was_put_back_is_found(house: House) -> None:
    before = secret_of(house, 1)
    house.run(PurgeSecret(reference=SecretId(1)))
    put_back(house, before)
    found = house.verify_log()
    assert places(found) == [(11, 1)]
    assert "erased it for good" in found.findings[0].text


def test_a_destroyed_value_that_was_put_back_is_found(house: House) -> None:
    version = replace(tables(house).versions[2, 1], destroyed_at=None, sealed="sr1:back")
    tamper(house, lambda t: t.versions.put((2, 1), version))
    assert places(house.verify_log()) == [(9, 2)]


def test_a_row_that_no_entry_wrote_is_found(house: House) -> None:
    planted = replace(secret_of(house, 1), id=9, uid=b"\x09" * 16, name="planted")
    put_back(house, planted)
    found = house.verify_log()
    assert places(found) == [(None, 9)]


def test_another_value_in_the_place_of_the_one_that_was_written_is_found(house: House) -> None:
    put_back(house, replace(secret_of(house, 2), sealed=secret_of(house, 1).sealed))
    assert places(house.verify_log()) == [(4, 2)]


def test_values_that_a_rotation_sealed_anew_are_no_finding(house: House) -> None:
    house.rotated()
    assert not house.verify_log().findings
    update(house, 1, value=SecretValue("after"))
    put_back(house, replace(secret_of(house, 1), sealed="sr1:other"))
    assert places(house.verify_log()) == [(house.verify_log().size, 1)]


def test_attempts_that_failed_write_nothing(house: House) -> None:
    with pytest.raises(NotFound):
        house.run(DeleteSecret(reference=SecretId(99)))
    with pytest.raises(NotFound):
        house.run(RevealSecret(reference=ByName("nobody")))
    assert not house.verify_log().findings


def test_entries_that_were_erased_still_verify(house: House) -> None:
    house.run(EraseEntries(upto=8))
    found = house.verify_log()
    assert (found.erased, list(found.findings)) == (8, [])
    # What their entries said of the rows is no longer known.
    put_back(house, replace(secret_of(house, 1), revision=99))
    assert not house.verify_log().findings


def test_an_erasure_that_no_entry_tells_of_is_found(house: House) -> None:
    house.run(EraseEntries(upto=2))
    tamper(house, lambda t: t.audit.put(3, replace(t.audit[3], entry=None, erased=True)))
    found = house.verify_log()
    assert places(found) == [(3, None)]


def test_values_that_were_taken_over_have_no_entries() -> None:
    adopted = House(MemoryStorage())
    adopted.opened().create("n")
    event = replace(adopted.events()[0], action=Action.ADOPT, subject=Subject(reference="1 values"))
    adopted.storage.write(lambda s: s.audit.append(event)).result()
    row = replace(secret_of(adopted, 1), id=2, uid=b"\x02" * 16, name="taken over")
    put_back(adopted, row)
    assert not adopted.verify_log().findings


def test_a_subtree_that_was_changed_is_found() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(520)]
    tree, (first, _) = TreeState().grown(leaves)

    class Stored(AuditTree):
        def state(self) -> TreeState:
            return tree

        def hashes(self, height: int, *, start: int, count: int) -> list[bytes]:
            return [first.hash]

    check = CheckTree(Stored(), [])
    assert [finding.entry for finding in check.follow(leaves)] == [257]
    assert not list(check.end())


def test_a_state_that_cannot_be_read_is_found() -> None:
    class Stored(AuditTree):
        def state(self) -> TreeState:
            raise Broken("the state of the audit tree is missing")

        def hashes(self, height: int, *, start: int, count: int) -> list[bytes]:
            return []

    (finding,) = CheckTree(Stored(), []).end()
    assert finding.text == "the state of the audit tree is missing"


UNSEALED: Mapping[str, dict[str, Any]] = {
    "its name, which decides who may read it": {"name": "public/changed"},
    "its description": {"description": "another one"},
    "its tags": {"tags": {"team": "theirs"}},
    "its expiry": {"expires_at": START.replace(year=2099)},
}


@pytest.mark.parametrize("changes", UNSEALED.values(), ids=UNSEALED)
def test_an_edit_of_what_is_not_sealed_is_found(house: House, changes: dict[str, Any]) -> None:
    tamper(house, lambda t: t.secrets.put(2, replace(t.secrets[2], **changes)))
    found = house.verify_log()
    assert places(found) == [(4, 2)]
    assert "name, description, tags or expiry" in found.findings[0].text
