"""The contract of the audit log and of the tree over it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.testing.examples import DAY, NOW, event, keep, recorded
from domain.access.action import Action
from domain.audit.encoding import entry_leaf
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.merkle import STEP, TreeState, perfect
from domain.audit.proofs import inclusion_proof, verify_inclusion
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.errors import NotFound, StorageUnavailable
from domain.ports.audit_tree import node_of
from domain.ports.storage import Session, Storage

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
