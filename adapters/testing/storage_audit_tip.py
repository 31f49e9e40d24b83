"""The contract of the tip of the audit log, which a log grows from when it is vouched for."""

import hmac

import pytest

from adapters.testing.examples import event, recorded
from adapters.testing.storage_audit import append_all
from domain.audit.merkle import TreeState
from domain.audit.tip import TipTag, tip_text
from domain.errors import KeyUnavailable, LostRace, StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac, require_vouched, vouched


class _Known(TipMac):
    """Vouches under a key that anybody may know, and for no other key than that of one id."""

    def compute(self, tree: TreeState, *, key_id: str) -> bytes:
        """Return the MAC over a tip."""
        if key_id != "1" * 16:
            raise KeyUnavailable("the data key is not at hand")
        return hmac.digest(b"known", tip_text(tree), "sha256")


class AuditTipContract:
    """A log grows from a tip that is vouched for, and from no other."""

    def vouching(self, storage: Storage) -> None:
        """Have the log vouched for, from its beginning."""
        storage.vouch_with(_Known())
        tag = vouched(_Known(), TreeState(), key_id="1" * 16)
        storage.write(lambda s: s.audit_tip.put(tag)).result()

    def tip(self, storage: Storage) -> tuple[TreeState, TipTag | None]:
        """Return the state of the tree and its tag."""
        return storage.read(lambda s: (s.audit_tree.state(), s.audit_tip.tag())).result()

    def test_there_is_no_tag_at_first(self, storage: Storage) -> None:
        assert self.tip(storage) == (TreeState(), None)

    def test_every_growth_leaves_a_tag_that_fits(self, storage: Storage) -> None:
        self.vouching(storage)
        for count in (1, 2, 300):
            append_all(storage, *[event()] * count)
            tree, tag = self.tip(storage)
            require_vouched(_Known(), tree, tag)
        assert tree.size == 303

    def test_within_a_unit_of_work_the_tag_fits_too(self, storage: Storage) -> None:
        self.vouching(storage)

        def work(session: Session) -> None:
            session.audit.append(event())
            require_vouched(_Known(), session.audit_tree.state(), session.audit_tip.tag())
            session.audit.append(event())

        storage.write(work).result()
        require_vouched(_Known(), *self.tip(storage))

    def test_what_is_undone_leaves_the_tag_of_before(self, storage: Storage) -> None:
        self.vouching(storage)
        recorded(storage, event())
        before = self.tip(storage)

        def work(session: Session) -> None:
            session.audit.append(event())
            assert session.audit_tree.state().size == 2
            raise LostRace

        with pytest.raises(LostRace):
            storage.write(work).result()
        assert self.tip(storage) == before
        recorded(storage, event())
        require_vouched(_Known(), *self.tip(storage))

    @pytest.mark.parametrize(
        "tag",
        [TipTag(key_id="1" * 16, mac=bytes(32)), TipTag(key_id="2" * 16, mac=bytes(32))],
        ids=["a MAC that does not fit", "a key that nobody has"],
    )
    def test_nothing_is_added_to_a_tip_that_nobody_vouches_for(
        self, storage: Storage, tag: TipTag
    ) -> None:
        self.vouching(storage)
        recorded(storage, event())
        storage.write(lambda s: s.audit_tip.put(tag)).result()
        with pytest.raises(StorageUnavailable, match="no server of this store wrote"):
            append_all(storage, event())
        assert self.tip(storage)[0].size == 1

    def test_a_tip_is_restored_whole(self, storage: Storage) -> None:
        self.vouching(storage)
        append_all(storage, event(), event())
        before = tree, tag = self.tip(storage)
        assert tag is not None
        storage.write(lambda s: s.audit_tip.restore(TreeState(), tag)).result()
        assert self.tip(storage) == (TreeState(), tag)
        storage.write(lambda s: s.audit_tip.restore(tree, tag)).result()
        assert self.tip(storage) == before
        append_all(storage, event())
        require_vouched(_Known(), *self.tip(storage))

    def test_the_tag_of_another_tip_does_not_fit(self, storage: Storage) -> None:
        self.vouching(storage)
        recorded(storage, event())
        _, tag = self.tip(storage)
        assert tag is not None
        recorded(storage, event())
        storage.write(lambda s: s.audit_tip.put(tag)).result()
        with pytest.raises(StorageUnavailable, match="no server of this store wrote"):
            append_all(storage, event())

    def test_what_appends_nothing_is_done_all_the_same(self, storage: Storage) -> None:
        storage.vouch_with(_Known())
        storage.write(lambda s: s.probe.touch()).result()

    def test_a_log_without_a_tag_is_not_believed_by_whoever_vouches(self, storage: Storage) -> None:
        storage.vouch_with(_Known())
        with pytest.raises(StorageUnavailable, match="no server of this store wrote"):
            append_all(storage, event())
