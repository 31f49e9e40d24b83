"""The tip of the audit log: vouched for once, then always; what nobody vouches for stops all."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from adapters.testing.examples import event, recorded
from adapters.tips.hmac import TipHmac
from application.alerts.watch_store import WatchStore
from application.audit.adopt_tip import AdoptTip, AdoptTipUseCase, size_of
from application.audit.check_tip import check_end, check_tip
from application.health.examine_tip import ExamineTip
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry
from domain.audit.merkle import TreeState
from domain.audit.record import AuditRecord
from domain.audit.tip import TipTag, tip_text
from domain.errors import (
    AuditUnavailable,
    Broken,
    InvalidInput,
    KeyUnavailable,
    StartRefused,
    StorageUnavailable,
)
from domain.health.finding import Level
from domain.keys.data_key import SECOND_FORM, DataKey, KeyPurpose
from domain.ports.tip_mac import UNVOUCHED
from domain.secrets.reference import SecretId
from tests.fakes import CALLER, KnownRootKey, never
from tests.house import House

LEAF = bytes(range(32))
ONE = TreeState().grown([LEAF])[0]
WORDS = {
    KeyPurpose.SEAL: "data",
    KeyPurpose.SIGN: "signing",
    KeyPurpose.TOKEN: "token",
    KeyPurpose.AUDIT: "audit",
}


def tables(house: House) -> Any:
    return house.storage._session.audit._tables  # type: ignore[attr-defined]


def tamper(house: House, work: Callable[[Any], object]) -> None:
    """Change the tables past the server."""
    house.storage.write(lambda _: work(tables(house))).result()


def forge(house: House) -> None:
    """Append an entry as somebody can who writes the database: leaf and tree fit."""

    def work(t: Any) -> None:
        state = t.audit_tree.get("tree") or TreeState()
        entry = AuditEntry(number=state.size + 1, event=event(principal="admin"))
        leaf = entry_leaf(entry)
        t.audit.put(entry.number, AuditRecord(number=entry.number, leaf=leaf, entry=entry))
        t.audit_tree.put("tree", state.grown([leaf])[0])

    tamper(house, work)


def texts(house: House) -> list[str]:
    return [finding.text for finding in house.verify_log().findings]


def of_first_form(house: House, key: DataKey) -> DataKey:
    """Return a key wrapped as by versions that did not vouch for the tip."""
    root_key, word = house.source.load(), WORDS[key.purpose]
    plain = root_key.unwrap(
        key.wrapped.removeprefix(SECOND_FORM),
        context=f"strongroom/sr2/{word}-key/{key.id}".encode(),
    )
    context = f"strongroom/sr1/{word}-key/{key.id}".encode()
    return replace(key, wrapped=root_key.wrap(plain, context=context))


@pytest.fixture
def early() -> House:
    """A store as a version of before left it: with entries, and with nothing that vouches."""
    house = House(MemoryStorage()).opened()
    house.create("a")
    house.create("b")

    def work(t: Any) -> None:
        for key in list(t.data_keys.values()):
            if key.purpose is KeyPurpose.AUDIT:
                t.data_keys.drop(key.id)
            else:
                t.data_keys.put(key.id, of_first_form(house, key))
        t.tip_tags.drop("tree")

    tamper(house, work)
    return house


def test_the_text_says_size_and_peaks_and_what_it_is_for() -> None:
    assert tip_text(ONE) == b"strongroom/audit-tip/1\n" + bytes(7) + b"\x01" + LEAF
    assert tip_text(TreeState()) == b"strongroom/audit-tip/1\n" + bytes(8)


def test_a_tag_does_not_show_its_mac() -> None:
    assert "mac" not in repr(TipTag(key_id="1", mac=LEAF))


def test_a_mac_depends_on_the_tip_and_on_the_data_key(house: House) -> None:
    ids = [key.id for key in house.storage.read(lambda s: s.data_keys.all()).result()]
    macs = TipHmac(key_ring=house.key_ring)
    made = [macs.compute(tree, key_id=one) for tree in (TreeState(), ONE) for one in ids]
    assert len(set(made)) == len(made) == 2 * len(KeyPurpose)
    assert made == [macs.compute(tree, key_id=one) for tree in (TreeState(), ONE) for one in ids]


def test_a_key_that_was_let_go_of_vouches_no_more(house: House) -> None:
    key_id = tables(house).tip_tags["tree"].key_id
    house.macs.compute(ONE, key_id=key_id)
    house.key_ring.forget(key_id)
    with pytest.raises(KeyUnavailable):
        house.macs.compute(ONE, key_id=key_id)


def test_a_forged_entry_is_found_and_nothing_is_added_or_answered(house: House) -> None:
    house.create("n")
    forge(house)
    assert texts(house) == [UNVOUCHED]
    with pytest.raises(AuditUnavailable):
        house.run(RevealSecret(reference=SecretId(1)))
    with pytest.raises(StorageUnavailable):
        house.create("m")
    assert house.storage.read(lambda s: s.audit_tree.state().size).result() == 2
    assert house.storage.read(lambda s: s.secrets.find(SecretId(2))).result() is None


def test_a_forged_entry_is_not_signed(house: House) -> None:
    house.create("n")
    forge(house)
    with pytest.raises(Broken, match="no server of this store wrote"):
        house.make_checkpoint()
    assert house.storage.read(lambda s: s.checkpoints.newest()).result() is None


def test_a_forged_entry_is_told(house: House) -> None:
    told = list[str]()
    look = WatchStore(
        storage=house.storage, macs=house.macs, clock=house.clock, randomness=house.randomness,
        notifiers={}, quiet=house.clock.now() - house.clock.now(),
        told=lambda detail, _failed: told.append(detail),
    )  # fmt: skip
    look(never)
    assert not told
    forge(house)
    look(never)
    look(never)
    assert told == [UNVOUCHED]


def test_a_forged_entry_stops_the_start(house: House) -> None:
    house.create("n")
    forge(house)
    with pytest.raises(StartRefused, match="no server of this store wrote"):
        House(house.storage).prepare_keys(CALLER)


def test_an_entry_behind_the_tip_is_found_although_the_tip_is_right(house: House) -> None:
    house.create("n")

    def work(t: Any) -> None:
        entry = AuditEntry(number=2, event=event(principal="admin"))
        t.audit.put(2, AuditRecord(number=2, leaf=entry_leaf(entry), entry=entry))

    tamper(house, work)
    with pytest.raises(Broken, match="behind its tip, up to entry 2 of 1"):
        house.storage.read(lambda session: check_end(session, house.macs)).result()
    with pytest.raises(StartRefused, match="behind its tip"):
        House(house.storage).prepare_keys(CALLER)
    (found,) = ExamineTip(storage=house.storage, macs=house.macs)()
    assert "behind its tip" in found.finding


def test_the_doctor_finds_a_forged_entry(house: House) -> None:
    examine = ExamineTip(storage=house.storage, macs=house.macs)
    assert list(examine()) == []
    forge(house)
    (found,) = examine()
    assert (found.check, found.finding) == ("audit", UNVOUCHED)


@pytest.mark.parametrize("tag", [None, TipTag(key_id="0" * 16, mac=bytes(32))])
def test_a_tag_that_was_taken_away_or_made_up_is_not_believed(
    house: House, tag: TipTag | None
) -> None:
    house.create("n")

    def work(t: Any) -> None:
        if tag is None:
            t.tip_tags.drop("tree")
        else:
            t.tip_tags.put("tree", tag)

    tamper(house, work)
    assert texts(house) == [UNVOUCHED]
    with pytest.raises(StartRefused):
        House(house.storage).prepare_keys(CALLER)


def test_without_its_key_nothing_is_vouched_for_anew(house: House) -> None:
    house.create("n")
    forge(house)

    def work(t: Any) -> None:
        t.tip_tags.drop("tree")
        for key in list(t.data_keys.values()):
            if key.purpose is KeyPurpose.AUDIT:
                t.data_keys.drop(key.id)

    tamper(house, work)
    with pytest.raises(StartRefused, match="the key that vouches for the audit log is gone"):
        House(house.storage).prepare_keys(CALLER)
    assert texts(house) == [
        "the key for 'audit' is gone, and no server took it away",
        UNVOUCHED,
    ]


def test_a_key_cannot_be_taken_back_to_the_first_form(house: House) -> None:
    house.create("n")

    def work(t: Any) -> None:
        t.tip_tags.drop("tree")
        for key in list(t.data_keys.values()):
            if key.purpose is KeyPurpose.AUDIT:
                t.data_keys.drop(key.id)
            else:
                t.data_keys.put(key.id, replace(key, wrapped=key.wrapped.removeprefix(SECOND_FORM)))

    tamper(house, work)
    with pytest.raises(StartRefused):
        House(house.storage).prepare_keys(CALLER)


def test_a_store_without_keys_that_has_a_tree_is_not_begun_anew() -> None:
    house = House(MemoryStorage())
    tamper(house, lambda t: t.audit_tree.put("tree", ONE))
    with pytest.raises(StartRefused, match="an audit log but no data keys"):
        house.prepare_keys(CALLER)


def test_a_tag_that_was_left_without_any_key_stops_the_start(early: House) -> None:
    tamper(early, lambda t: t.tip_tags.put("tree", TipTag(key_id="1" * 16, mac=bytes(32))))
    with pytest.raises(StartRefused, match="under a key that the store has not"):
        early.prepare_keys(CALLER, adopts=True)


def test_a_store_of_before_has_nothing_to_be_found(early: House) -> None:
    assert texts(early) == []


def test_a_store_of_before_is_vouched_for_at_its_first_start_and_never_again(early: House) -> None:
    early.prepare_keys(CALLER, adopts=True)
    told = early.events()[-1]
    assert (told.action, told.subject.reference) == (Action.ADOPT_TIP, "a log of 2 entries")
    keys = early.storage.read(lambda s: s.data_keys.all()).result()
    assert {key.purpose for key in keys} == set(KeyPurpose)
    assert all(key.is_of_second_form for key in keys)
    assert texts(early) == []
    assert early.run(RevealSecret(reference=SecretId(1))).value.reveal() == "value"
    early.prepare_keys(CALLER, adopts=True)
    assert [each.action for each in early.events()].count(Action.ADOPT_TIP) == 1


def test_what_was_forged_before_the_first_start_is_adopted_with_the_rest(early: House) -> None:
    forge(early)
    early.prepare_keys(CALLER, adopts=True)
    assert texts(early) == []


def test_it_is_vouched_for_across_rotations(house: House) -> None:
    house.create("n")
    house.rotated()
    house.rotate_root_key(CALLER)
    assert house.run(RevealSecret(reference=SecretId(1))).value.reveal() == "value"
    assert texts(house) == []
    House(house.storage, source=house.source).prepare_keys(CALLER)


def test_who_has_looked_can_have_it_adopted_as_it_is(house: House) -> None:
    house.create("n")
    forge(house)
    with pytest.raises(InvalidInput, match="has 2 entries"):
        _adopt(house, 1)
    assert house.storage.read(size_of).result() == 2
    assert _adopt(house, 2) == 2
    assert texts(house) == []
    told = house.events()[-1]
    assert (told.action, told.subject.reference) == (Action.ADOPT_TIP, "a log of 2 entries")
    assert house.run(RevealSecret(reference=SecretId(1))).value.reveal() == "value"


def _adopt(house: House, size: int) -> int:
    try:
        adopted: int = house.run(AdoptTip(size=size))
    except AuditUnavailable:  # who fails is recorded, and nothing can be
        raise InvalidInput("size", "the audit log has 2 entries") from None
    return adopted


def test_without_a_key_nothing_is_adopted() -> None:
    house = House(MemoryStorage())
    with pytest.raises((Broken, AuditUnavailable)):
        house.run(AdoptTip(size=0))


def test_a_store_that_nobody_can_vouch_for_here_takes_nothing(house: House) -> None:
    kept = list[Any]()
    other = MemoryStorage(keep=kept.extend)
    House(other).opened().create("n")
    with pytest.raises(StorageUnavailable, match="vouch"):
        recorded(MemoryStorage(kept=kept), event())
    foreign = MemoryStorage(kept=kept)
    house.key_ring.forget(tables(house).tip_tags["tree"].key_id)
    foreign.vouch_with(house.macs)
    with pytest.raises(StorageUnavailable, match="no server of this store wrote"):
        recorded(foreign, event())


def test_another_root_key_vouches_for_nothing(house: House) -> None:
    other = House(MemoryStorage(), source=KnownRootKey(bytes(32)))
    other.randomness.token(16)  # so that its keys are others
    other.opened()
    with pytest.raises(Broken):
        house.storage.read(lambda session: check_tip(session, other.macs)).result()


def test_a_damaged_tag_stops_the_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_: object) -> None:
        raise Broken("what vouches for the tip of the audit log is damaged")

    tip = house.storage.read(lambda session: type(session.audit_tip)).result()
    monkeypatch.setattr(tip, "tag", damaged)
    with pytest.raises(StartRefused, match="damaged"):
        house.prepare_keys(CALLER)


def test_keys_that_open_nothing_make_no_store_of_before(house: House) -> None:
    house.create("n")
    forge(house)

    def work(t: Any) -> None:
        t.tip_tags.drop("tree")
        for key in list(t.data_keys.values()):
            if key.purpose is KeyPurpose.AUDIT:
                t.data_keys.drop(key.id)
            else:
                t.data_keys.put(key.id, key.destroyed(key.created_at))

    tamper(house, work)
    assert texts(house) == [
        *(f"the key for '{key.value}' is gone, and no server took it away" for key in KeyPurpose),
        UNVOUCHED,
    ]
    with pytest.raises(StartRefused, match="the key that vouches for the audit log is gone"):
        House(house.storage).prepare_keys(CALLER, adopts=True)
    assert house.storage.read(lambda s: s.audit_tip.tag()).result() is None


def test_nothing_that_runs_by_itself_adopts_a_store_of_before(early: House) -> None:
    with pytest.raises(StartRefused, match="start the server first"):
        early.prepare_keys(CALLER)
    assert early.storage.read(lambda s: s.audit_tip.tag()).result() is None


def test_what_was_adopted_is_told_and_is_no_fault(early: House) -> None:
    early.prepare_keys(CALLER, adopts=True)
    found = early.verify_log()
    assert (found.adopted, found.findings) == ([3], [])
    (told,) = ExamineTip(storage=early.storage, macs=early.macs)()
    assert told.level is Level.NOTE
    assert told.finding == "the log was vouched for as it was found: entry 3"


def broken_state(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise Broken("the state of the audit tree is missing")

    tree = house.storage.read(lambda session: type(session.audit_tree)).result()
    monkeypatch.setattr(tree, "state", broken)


def adopting(house: House, size: int) -> Any:
    use_case = AdoptTipUseCase(macs=house.macs)
    work = partial(use_case.perform, AdoptTip(size=size), None)
    return house.storage.write(work).result()


def test_a_tree_that_is_not_stored_is_computed_from_its_leaves(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.create("n")
    house.create("m")
    tree = house.storage.read(lambda s: s.audit_tree.state()).result()
    with monkeypatch.context() as patched:
        broken_state(house, patched)
        tamper(house, lambda t: t.audit_tree.drop("tree"))
        assert adopting(house, 2).result == 2
    assert house.storage.read(lambda s: s.audit_tree.state()).result() == tree
    assert texts(house) == []


def test_where_entries_are_missing_there_is_no_tree_to_adopt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.create("n")
    broken_state(house, monkeypatch)
    tamper(house, lambda t: t.audit.put(1, replace(t.audit[1], number=2)))
    with pytest.raises(Broken, match="entries are missing"):
        adopting(house, 1)
