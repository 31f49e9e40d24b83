"""The contract of a store that can be copied whole.

class TestMyCopy(StoreCopyContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return MyStore(... a place where nothing is yet ...)

    @pytest.fixture
    def other(self, tmp_path: Path) -> Store:
        return MyStore(... another one ...)
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.testing.examples import (
    NOW,
    add,
    data_key,
    event,
    keep,
    page,
    recorded,
    replaced,
    rotation,
)
from application.backups.counting import counted
from application.backups.filling import copy_of
from domain.audit.checkpoint import Checkpoint
from domain.backups.rows import Column, Kind, TableForm
from domain.backups.run import BackupRun
from domain.errors import StartRefused
from domain.keys.data_key import KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Session, Storage
from domain.ports.store import Store
from domain.secrets.version import SecretVersion


@contextlib.contextmanager
def opened(store: Store) -> Iterator[Storage]:
    """Have the store open until the block ends."""
    storage = store.open()
    try:
        yield storage
    finally:
        storage.close()


def fill(session: Session) -> None:
    """Keep something of everything."""
    session.root_keys.add(
        RootKeyRecord(generation=1, source="file:somewhere", since=NOW, principal="local")
    )
    session.data_keys.add(data_key("1" * 16, KeyState.ACTIVE))
    session.rotations.add(rotation())
    for name in ("Z", "a", "é", "\U0001f5dd", "b"):
        secret = add(session, name)
        session.versions.add(
            SecretVersion(
                secret_id=secret.id, version=1, sealed="sr1:x", created_at=NOW, destroyed_at=None
            )
        )
    session.feed_positions.move("ä feed", 7)
    session.feed_positions.move("Z feed", 2**40)
    session.checkpoints.add(
        Checkpoint(size=1, root=b"\x01" * 32, at=NOW, key_id="1" * 16, note="a note\n")
    )


def filled(store: Store) -> None:
    """Make a store with something of everything in it."""
    store.upgrade()
    with opened(store) as storage:
        storage.write(fill).result()
        for number in range(3):
            recorded(storage, event(request_id=f"{number}"))


def copied(
    source: Store,
    target: Store,
    *,
    replace: bool = False,
    then: type[Exception] | None = None,
) -> None:
    """Copy a store, and raise something at the end."""
    with (
        copy_of(source).snapshot() as rows,
        copy_of(target).filling(rows.revision, replace=replace) as filling,
    ):
        for table in rows.tables():
            filling.take(table, rows.rows(table))
        if then is not None:
            raise then


def digests(store: Store) -> object:
    """Return what two stores of the same rows have in common."""
    with copy_of(store).snapshot() as rows:
        return counted(rows, lambda: None)


class StoreCopyContract:
    """A copy is the same rows, whole or not at all."""

    @pytest.fixture
    def store(self) -> Store:
        """Return a store of a place where nothing is yet.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Store:
        """Return a store of another place where nothing is yet.

        Raises:
            NotImplementedError: the subclass has to give this fixture.
        """
        raise NotImplementedError

    def test_where_nothing_is_there_is_no_snapshot(self, store: Store) -> None:
        with pytest.raises(StartRefused), copy_of(store).snapshot():
            pass
        assert store.inspect().revision is None

    def test_a_copy_has_the_same_rows(self, store: Store, other: Store) -> None:
        filled(store)
        copied(store, other)
        assert digests(other) == digests(store)
        one, two = store.inspect(), other.inspect()
        assert (two.revision, two.root_key) == (one.revision, one.root_key)
        assert [key.wrapped for key in two.keys] == [key.wrapped for key in one.keys]

    def test_a_copy_is_used_as_the_store_was(self, store: Store, other: Store) -> None:
        filled(store)
        copied(store, other)
        with opened(store) as one, opened(other) as two:
            assert page(two) == page(one)
            for storage in (one, two):
                recorded(storage, event(request_id="after"))
                keep(storage, "after", uid=b"after" + bytes(11))
        assert digests(other) == digests(store)

    def test_what_holds_for_the_place_alone_is_left_out(self, store: Store, other: Store) -> None:
        filled(store)
        run = BackupRun(scheduled=True, started_at=NOW, place="file:/x", name="a backup")
        with opened(store) as storage:
            storage.write(lambda s: s.backup_runs.add(run)).result()
            storage.write(lambda s: s.leases.take("t", holder="h", now=NOW, until=NOW)).result()
        copied(store, other)
        with opened(other) as storage:
            assert not storage.read(lambda s: s.backup_runs.newest(limit=1)).result()
            assert storage.read(lambda s: s.leases.until("t")).result() is None

    def test_an_id_that_was_given_out_is_not_given_out_again(
        self, store: Store, other: Store
    ) -> None:
        store.upgrade()
        with opened(store) as storage:
            kept = [keep(storage, name) for name in ("first", "last")]
            storage.write(lambda s: s.secrets.remove(kept[-1])).result()
        copied(store, other)
        with opened(other) as storage:
            assert keep(storage, "next").id > kept[-1].id

    def test_a_snapshot_stays_as_it_was(self, store: Store) -> None:
        filled(store)
        before = digests(store)
        with opened(store) as storage, copy_of(store).snapshot() as rows:
            first = counted(rows, lambda: None)
            keep(storage, "later")
            secret = page(storage)[0]
            replaced(storage, replace(secret, description="changed later"))
            assert counted(rows, lambda: None) == first == before
            assert len(rows.session.audit.entries(after=0, limit=9)) == 3
        assert digests(store) != before

    def test_a_filling_that_raises_leaves_nothing(self, store: Store, other: Store) -> None:
        filled(store)
        with pytest.raises(KeyError):
            copied(store, other, then=KeyError)
        assert other.inspect().revision is None
        copied(store, other)
        assert digests(other) == digests(store)

    def test_a_store_that_is_there_is_not_filled(self, store: Store, other: Store) -> None:
        filled(store)
        filled(other)
        before = digests(other)
        with pytest.raises(StartRefused):
            copied(store, other)
        assert digests(other) == before

    def test_a_store_that_is_there_is_put_aside_when_asked(
        self, store: Store, other: Store
    ) -> None:
        filled(store)
        other.upgrade()
        with opened(other) as storage:
            keep(storage, "of the other")
        copied(store, other, replace=True)
        assert digests(other) == digests(store)

    def test_a_replacing_that_raises_leaves_the_store_as_it_was(self, store: Store) -> None:
        filled(store)
        before = digests(store)
        revision = store.inspect().newest
        with pytest.raises(KeyError), copy_of(store).filling(revision, replace=True):
            raise KeyError
        assert digests(store) == before

    def test_a_store_that_somebody_has_open_is_not_replaced(self, store: Store) -> None:
        filled(store)
        before = digests(store)
        revision = store.inspect().newest
        with opened(store) as storage:
            keep(storage, "while it is open")
            with pytest.raises(StartRefused), copy_of(store).filling(revision, replace=True):
                pass
        assert digests(store) != before
        assert store.inspect().has_secrets

    def test_a_revision_that_is_not_known_is_refused(self, store: Store) -> None:
        with pytest.raises(StartRefused), copy_of(store).filling("9999"):
            pass
        assert store.inspect().revision is None

    @pytest.mark.parametrize(
        "form",
        [
            TableForm(name="no_such_table", columns=(Column(name="id", kind=Kind.INTEGER),)),
            TableForm(name="alembic_version", columns=(Column(name="id", kind=Kind.TEXT),)),
            TableForm(name="secrets", columns=(Column(name='id"; --', kind=Kind.INTEGER),)),
        ],
        ids=["table", "table of the migrations", "column"],
    )
    def test_names_that_a_store_does_not_have_are_refused(
        self, store: Store, form: TableForm
    ) -> None:
        revision = store.inspect().newest
        with pytest.raises(StartRefused), copy_of(store).filling(revision) as filling:
            filling.take(form, [(1,)])
        assert store.inspect().revision is None

    def test_rows_that_do_not_fit_are_refused_without_repeating_them(self, store: Store) -> None:
        revision = store.inspect().newest
        columns = tuple(
            Column(name=name, kind=Kind.TEXT) for name in ("name", "description", "grants")
        )
        row = ("twice", None, "told to nobody")
        with pytest.raises(StartRefused) as caught, copy_of(store).filling(revision) as filling:
            filling.take(TableForm(name="roles", columns=columns), [row, row])
        assert "nobody" not in str(caught.value)
        assert store.inspect().revision is None
