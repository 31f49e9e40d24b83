"""The contract of the audit log, the tree over it, its checkpoints and feeds."""

import hmac
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.testing.examples import DAY, NOW, event, keep, recorded
from domain.access.action import Action
from domain.audit.checkpoint import Checkpoint
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.left_behind import LeftBehind
from domain.audit.merkle import STEP, TreeState, perfect
from domain.audit.proofs import inclusion_proof, verify_inclusion
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.audit.tip import TipTag, tip_text
from domain.errors import KeyUnavailable, LostRace, NotFound, StorageUnavailable
from domain.ports.audit_tree import node_of
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac, require_vouched, vouched

UID = b"\x07" * 16
EVENTS = (
    event(),
    event(subject=Subject(reference="id 8", uid=UID, name="other"), principal="somebody"),
    event(action=Action.DELETE, at=NOW + DAY),
    event(outcome=Outcome.DENIED, at=NOW + 2 * DAY, subject=Subject(name="other")),
)
QUERIES: Mapping[str, tuple[dict[str, Any], list[int]]] = {
    "everything": ({}, [1, 2, 3, 4]),
    "a page": ({"after": 1, "limit": 2}, [2, 3]),
    "the newest": ({"newest": True, "limit": 2}, [3, 4]),
    "the newest of those that fit": ({"newest": True, "limit": 1, "name": "other"}, [4]),
    "a name": ({"name": "other"}, [2, 4]),
    "a part of a name is no name": ({"name": "othe"}, []),
    "a uid": ({"uid": UID}, [2]),
    "a caller": ({"caller": "somebody"}, [2]),
    "an action": ({"action": Action.DELETE}, [3]),
    "an outcome": ({"outcome": Outcome.DENIED}, [4]),
    "since then": ({"since": NOW + DAY}, [3, 4]),
    "until before then": ({"until": NOW + DAY}, [1, 2]),
    "all at once": ({"name": "other", "since": NOW + DAY, "outcome": Outcome.DENIED}, [4]),
}


def append_all(storage: Storage, *events: AuditEvent) -> None:
    """Append events in one unit of work."""

    def work(session: Session) -> None:
        for item in events:
            session.audit.append(item)

    storage.write(work).result()


def records(storage: Storage, **query: Any) -> list[AuditRecord]:
    """Return what a query finds."""
    return list(storage.read(lambda s: s.audit.page(AuditQuery(**query))).result())


def tree_of(storage: Storage) -> TreeState:
    """Return the state of the tree."""
    return storage.read(lambda s: s.audit_tree.state()).result()


class AuditLogContract:
    """Entries stand in the order in which they were appended, with every field."""

    def test_entries_are_numbered_in_order(self, storage: Storage) -> None:
        events = [event(), event(reason=None, subject=Subject()), event(rule="other")]
        for item in events:
            recorded(storage, item)
        found = storage.read(lambda s: s.audit.entries(after=0, limit=10)).result()
        assert list(found) == [
            AuditEntry(number=number, event=item) for number, item in enumerate(events, 1)
        ]

    def test_entries_are_read_page_by_page(self, storage: Storage) -> None:
        for _ in range(3):
            recorded(storage, event())
        page = storage.read(lambda s: s.audit.entries(after=1, limit=1)).result()
        assert [entry.number for entry in page] == [2]
        assert list(storage.read(lambda s: s.audit.entries(after=3, limit=1)).result()) == []

    def test_entries_outlive_what_they_are_about(self, storage: Storage) -> None:
        secret = keep(storage)
        recorded(storage, event())
        storage.write(lambda s: s.secrets.remove(secret)).result()
        assert len(storage.read(lambda s: s.audit.entries(after=0, limit=9)).result()) == 1

    def test_an_entry_is_seen_by_the_work_that_appended_it(self, storage: Storage) -> None:
        def work(session: Session) -> list[int]:
            session.audit.append(event())
            session.audit.append(event())
            return [entry.number for entry in session.audit.entries(after=0, limit=9)]

        assert storage.write(work).result() == [1, 2]

    def test_an_entry_within_a_reading_is_refused(self, storage: Storage) -> None:
        def smuggles(session: Session) -> None:
            with pytest.raises(StorageUnavailable):
                session.audit.append(event())

        storage.read(smuggles).result()
        recorded(storage, event())
        assert tree_of(storage).size == 1

    def test_a_text_that_cannot_be_stored_fails_its_own_work(self, storage: Storage) -> None:
        first = storage.write(lambda s: s.audit.append(event()))
        failed = storage.write(lambda s: s.audit.append(event(reason="\ud800")))
        last = storage.write(lambda s: s.audit.append(event()))
        assert isinstance(failed.exception(), ValueError)
        assert (first.result(), last.result()) == (None, None)
        assert [record.number for record in records(storage)] == [1, 2]

    @pytest.mark.parametrize(("query", "numbers"), QUERIES.values(), ids=QUERIES)
    def test_records_are_found(
        self, storage: Storage, query: dict[str, Any], numbers: list[int]
    ) -> None:
        append_all(storage, *EVENTS)
        entries = [AuditEntry(number=number, event=EVENTS[number - 1]) for number in numbers]
        assert records(storage, **query) == [
            AuditRecord(number=entry.number, leaf=entry_leaf(entry), entry=entry)
            for entry in entries
        ]

    def test_what_is_left_of_erased_entries_is_their_leaves(self, storage: Storage) -> None:
        append_all(storage, *EVENTS)
        before = records(storage)
        assert storage.write(lambda s: s.audit.erase(upto=2)).result() == 2
        assert storage.write(lambda s: s.audit.erase(upto=3)).result() == 1
        after = [replace(record, entry=None, erased=True) for record in before[:3]]
        assert records(storage) == [*after, before[3]]
        assert records(storage, after=1, limit=2) == after[1:3]
        assert records(storage, newest=True, limit=2) == [after[2], before[3]]
        assert records(storage, name="other") == [before[3]]
        entries = storage.read(lambda s: s.audit.entries(after=0, limit=9)).result()
        assert [entry.number for entry in entries] == [4]


class AuditTreeContract:
    """The tree has a leaf for each entry that was kept, and for no other."""

    def test_an_empty_log_has_an_empty_tree(self, storage: Storage) -> None:
        assert tree_of(storage) == TreeState()
        assert list(storage.read(lambda s: s.audit_tree.hashes(0, start=0, count=9)).result()) == []

    def test_the_tree_grows_with_the_log(self, storage: Storage) -> None:
        append_all(storage, *EVENTS)
        leaves = [record.leaf for record in records(storage)]
        assert tree_of(storage) == TreeState().grown(leaves)[0]

    def test_work_that_fails_leaves_no_leaf(self, storage: Storage) -> None:
        def fails(session: Session) -> None:
            session.audit.append(event(rule="undone"))
            # What was written in between is undone as well, and that of others is not.
            assert session.audit_tree.state().size == 2
            raise NotFound

        first = storage.write(lambda s: s.audit.append(event()))
        failed = storage.write(fails)
        last = storage.write(lambda s: s.audit.append(event()))
        assert isinstance(failed.exception(), NotFound)
        assert (first.result(), last.result()) == (None, None)
        assert tree_of(storage) == TreeState().grown(record.leaf for record in records(storage))[0]
        assert tree_of(storage).size == 2

    def test_writers_from_many_threads_grow_one_tree(self, storage: Storage) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(partial(recorded, storage), [event()] * 100))
        found = records(storage)
        assert [record.number for record in found] == list(range(1, 101))
        assert tree_of(storage) == TreeState().grown(record.leaf for record in found)[0]

    def test_complete_subtrees_are_there_also_after_an_erasure(self, storage: Storage) -> None:
        size = (3 << STEP) + 5
        append_all(storage, *[event()] * (size - 300))
        append_all(storage, *[event()] * 300)
        leaves = [record.leaf for record in records(storage, limit=1000)]
        storage.write(lambda s: s.audit.erase(upto=300)).result()

        def work(session: Session) -> None:
            tree = session.audit_tree
            assert list(tree.hashes(0, start=0, count=2000)) == leaves
            assert list(tree.hashes(0, start=299, count=2)) == leaves[299:301]
            subtrees = [perfect(leaves[at << STEP : (at + 1) << STEP]) for at in range(3)]
            assert list(tree.hashes(STEP, start=0, count=9)) == subtrees
            assert list(tree.hashes(STEP, start=1, count=1)) == subtrees[1:2]
            for index in (0, 255, 256, 600, size - 1):
                proof = inclusion_proof(index, size, node_of(tree))
                verify_inclusion(leaves[index], index, size, proof, tree.state().root)

        storage.read(work).result()


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


class AccessLeftContract:
    """What erased entries have left is kept by thing."""

    def all(self, storage: Storage) -> list[LeftBehind]:
        """Return everything."""
        return list(storage.read(lambda s: s.access_left.all()).result())

    def test_nothing_is_left_at_first(self, storage: Storage) -> None:
        assert self.all(storage) == []

    def test_it_is_kept_by_thing_and_in_order(self, storage: Storage) -> None:
        token = LeftBehind(thing="token 1", number=7, facts="f" * 64, holder="somebody")
        role = LeftBehind(thing="role r", number=2**40, facts=None)

        def work(session: Session) -> None:
            session.access_left.put(replace(token, number=1, holder=None))
            session.access_left.put(token)
            session.access_left.put(role)

        storage.write(work).result()
        assert self.all(storage) == [role, token]

    def test_what_is_dropped_is_gone(self, storage: Storage) -> None:
        left = LeftBehind(thing="role r", number=1, facts=None)
        storage.write(lambda s: s.access_left.put(left)).result()
        storage.write(lambda s: s.access_left.drop("role other")).result()
        assert self.all(storage) == [left]
        storage.write(lambda s: s.access_left.drop("role r")).result()
        assert self.all(storage) == []


class CheckpointContract:
    """Checkpoints are kept for ever, one for a size."""

    def test_checkpoints_come_back_in_order_with_every_field(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.checkpoints.newest()).result() is None
        kept = [
            Checkpoint(size=size, root=bytes([size]) * 32, at=NOW, key_id="1" * 16, note=f"n{size}")
            for size in (1, 5, 9)
        ]
        for item in kept:
            storage.write(partial(_add_checkpoint, item)).result()
        assert storage.read(lambda s: s.checkpoints.newest()).result() == kept[-1]
        assert list(storage.read(lambda s: s.checkpoints.after(0, limit=2)).result()) == kept[:2]
        assert list(storage.read(lambda s: s.checkpoints.after(5, limit=2)).result()) == kept[2:]

    def test_a_size_has_one_checkpoint(self, storage: Storage) -> None:
        first = Checkpoint(size=1, root=b"\x01" * 32, at=NOW, key_id="1" * 16, note="first")
        storage.write(partial(_add_checkpoint, first)).result()
        with pytest.raises(LostRace):
            storage.write(partial(_add_checkpoint, replace(first, note="second"))).result()
        assert storage.read(lambda s: s.checkpoints.newest()).result() == first


class FeedPositionContract:
    """Each feed has a position of its own."""

    def test_a_feed_begins_at_zero_and_stays_where_it_was_moved(self, storage: Storage) -> None:
        def move(number: int) -> None:
            storage.write(lambda s: s.feed_positions.move("one", number)).result()

        def positions() -> list[int]:
            return storage.read(
                lambda s: [s.feed_positions.of(name) for name in ("one", "other")]
            ).result()

        assert positions() == [0, 0]
        move(7)
        assert positions() == [7, 0]
        move(2**40)
        assert positions() == [2**40, 0]

    def test_a_position_is_moved_on_by_the_first_only(self, storage: Storage) -> None:
        def advance(after: int, to: int) -> BaseException | None:
            return storage.write(
                lambda s: s.feed_positions.advance("one", after=after, to=to)
            ).exception()

        assert advance(0, 5) is None
        assert isinstance(advance(0, 5), LostRace)
        assert isinstance(advance(4, 9), LostRace)
        assert advance(5, 9) is None
        assert storage.read(lambda s: s.feed_positions.of("one")).result() == 9


class SightingsContract:
    """Who follows the log sees what was done, and where it ends."""

    def test_what_was_done_comes_in_order_and_nothing_else(self, storage: Storage) -> None:
        def done(after: int, upto: int) -> list[int]:
            actions = {Action.CREATE, Action.DELETE}
            found = storage.read(
                lambda s: s.sightings.done(actions, after=after, upto=upto)
            ).result()
            return [entry.number for entry in found]

        append_all(
            storage,
            event(action=Action.CREATE, outcome=Outcome.DONE),
            event(action=Action.CREATE, outcome=Outcome.DENIED),
            event(action=Action.REVEAL, outcome=Outcome.DONE),
            event(action=Action.DELETE, outcome=Outcome.DONE),
            event(action=Action.CREATE, outcome=Outcome.DONE),
        )
        assert done(0, 5) == [1, 4, 5]
        assert done(1, 4) == [4]
        assert done(5, 9) == []

    def test_the_end_stays_where_it_is_when_entries_are_erased(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.sightings.size()).result() == 0
        append_all(storage, *[event(outcome=Outcome.DONE)] * 3)
        storage.write(lambda s: s.audit.erase(upto=2)).result()
        assert storage.read(lambda s: s.sightings.size()).result() == 3
        found = storage.read(lambda s: s.sightings.done(set(Action), after=0, upto=3)).result()
        assert [entry.number for entry in found] == [3]


def _add_checkpoint(checkpoint: Checkpoint, session: Session) -> None:
    """Keep a checkpoint."""
    session.checkpoints.add(checkpoint)
