"""The contract of the place that holds a store: what stands there, and what comes back.

class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return MyStore(... a place where nothing is yet ...)
"""

import contextlib
from collections.abc import Iterator

import pytest

from adapters.testing.examples import NOW, add, data_key, event, page, recorded
from domain.audit.encoding import entry_leaf
from domain.audit.merkle import TreeState
from domain.errors import StartRefused
from domain.keys.data_key import KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Session, Storage
from domain.ports.store import Store

RECORD = RootKeyRecord(generation=1, source="file:somewhere", since=NOW, principal="local")
KEY = data_key("1" * 16, KeyState.ACTIVE)
GONE = data_key("2" * 16, KeyState.RETIRED).destroyed(NOW)


@contextlib.contextmanager
def opened(store: Store) -> Iterator[Storage]:
    """Have the store open until the block ends."""
    storage = store.open()
    try:
        yield storage
    finally:
        storage.close()


def fill(session: Session) -> None:
    """Keep a secret and what belongs to it."""
    session.root_keys.add(RECORD)
    session.data_keys.add(KEY)
    session.data_keys.add(GONE)
    add(session, "kept")


class StoreContract:
    """A store begins empty, keeps what it was given over a restart, and says what it has."""

    @pytest.fixture
    def store(self) -> Store:
        """Return a store of a place where nothing is yet.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_where_nothing_is_nothing_is_found_or_made(self, store: Store) -> None:
        for _ in range(2):
            state = store.inspect()
            assert (state.revision, state.has_secrets, state.root_key) == (None, False, None)
            assert not [*state.keys, *state.sample]
            assert not state.is_current

    def test_there_is_nothing_to_copy_at_first(self, store: Store) -> None:
        assert store.upgrade() is None
        assert store.inspect().is_current
        assert not store.inspect().of_earlier_backend

    def test_upgrading_twice_changes_nothing(self, store: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
        before = store.inspect()
        assert store.upgrade() is None
        assert store.inspect() == before

    def test_what_is_kept_is_there_after_a_restart(self, store: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
            before = page(storage)
        with opened(store) as storage:
            assert page(storage) == before
            assert storage.read(lambda s: s.root_keys.current()).result() == RECORD
            assert list(storage.read(lambda s: s.data_keys.all()).result()) == [KEY, GONE]

    def test_what_is_kept_is_found_without_opening_it(self, store: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
        state = store.inspect()
        assert (state.has_secrets, state.root_key) == (True, RECORD)
        assert [(key.id, key.state, key.wrapped) for key in state.keys] == [
            (KEY.id, KEY.state, KEY.wrapped)
        ]
        assert not state.sample

    def test_it_is_inspected_while_it_is_open(self, store: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            storage.write(fill).result()
            assert store.inspect().has_secrets

    def test_two_that_share_it_see_each_others_changes(self, store: Store) -> None:
        if not store.is_shared:
            pytest.skip("the store declares that only one process may have it")
        store.upgrade()
        with opened(store) as one, opened(store) as other:
            one.write(fill).result()
            assert [secret.name for secret in page(other)] == ["kept"]

    def test_two_that_share_it_grow_one_audit_tree(self, store: Store) -> None:
        if not store.is_shared:
            pytest.skip("the store declares that only one process may have it")
        store.upgrade()
        with opened(store) as one, opened(store) as other:
            for storage in (one, other, other, one):
                recorded(storage, event())
            found = one.read(lambda s: (s.audit.entries(after=0, limit=9), s.audit_tree.state()))
            entries, tree = found.result()
            assert [entry.number for entry in entries] == [1, 2, 3, 4]
            assert tree == TreeState().grown(entry_leaf(entry) for entry in entries)[0]

    def test_one_that_is_not_shared_is_opened_once(self, store: Store) -> None:
        if store.is_shared:
            pytest.skip("the store declares that several processes may have it")
        store.upgrade()
        with opened(store), pytest.raises(StartRefused):
            store.open()
        with opened(store):
            pass

    def test_readiness_passes_when_it_is_open_and_not_before_it_is_made(self, store: Store) -> None:
        with pytest.raises(Exception):  # noqa: B017, PT011  whatever it is, readiness fails
            store.checks()["schema"]()
        store.upgrade()
        with opened(store):
            for check in store.checks().values():
                check()
