"""The contract of a store that becomes the copy of another one in parts.

class TestMyMove(StoreMoveContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return MyStore(... a place where nothing is yet ...)

    @pytest.fixture
    def other(self, tmp_path: Path) -> Store:
        return MyStore(... another one, which is moved to ...)
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from adapters.testing.examples import NOW, event, keep, page, recorded, replaced
from adapters.testing.store_copy import digests, filled, opened
from application.backups.aligning import Aligned, align
from application.backups.counting import counted
from application.backups.filling import copy_of
from domain.backups.rows import Column, Kind, TableForm
from domain.errors import StartRefused
from domain.ports.store import Store
from domain.ports.store_move import StoreMove, StoreReceiving, UnfinishedCopy
from domain.secrets.version import SecretVersion

FEEDS = TableForm(
    name="feed_positions",
    columns=(Column(name="feed", kind=Kind.TEXT), Column(name="number", kind=Kind.INTEGER)),
    key=("feed",),
)


class Stopped(Exception):
    """The copying was ended."""


def stopping(after: int) -> Callable[[], None]:
    """Return a sign of life that ends the copying once it has been given so often."""
    given: list[int] = []

    def progress() -> None:
        given.append(1)
        if len(given) > after:
            raise Stopped

    return progress


def mover(store: Store) -> StoreMove:
    """Return the ability of a store."""
    assert isinstance(store, StoreMove)
    return store


@contextlib.contextmanager
def receiving(source: Store, target: Store) -> Iterator[StoreReceiving]:
    """Have a store take the copy of another one until the block ends."""
    with copy_of(source).snapshot() as rows:
        revision = rows.revision
    with mover(target).receiving(revision) as taken:
        yield taken


def moved(source: Store, target: Store, progress: Callable[[], None] = lambda: None) -> Aligned:
    """Copy a store to the end."""
    with receiving(source, target) as taken, copy_of(source).snapshot() as rows:
        aligned = align(rows, taken, progress)
        taken.finish(rows.tables())
    return aligned


class StoreMoveContract:
    """A copy goes on where it was cut off, and serves nobody before it is finished."""

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

    def test_a_copy_is_equal_and_is_used_as_the_store_was(self, store: Store, other: Store) -> None:
        filled(store)
        aligned = moved(store, other)
        assert digests(other) == digests(store)
        assert not mover(other).is_begun()
        assert other.inspect().is_current
        assert (aligned.kept, aligned.removed) == (0, 1), "the migrations put in one row"
        with opened(store) as one, opened(other) as two:
            for storage in (one, two):
                recorded(storage, event(request_id="after"))
                keep(storage, "after", uid=b"after" + bytes(11))
        assert digests(other) == digests(store)

    @pytest.mark.parametrize("after", [0, 1, 3, 6])
    def test_one_that_was_cut_off_goes_on(self, store: Store, other: Store, after: int) -> None:
        filled(store)
        whole = rows_of(store)
        with pytest.raises(Stopped):
            moved(store, other, stopping(after))
        assert mover(other).is_begun()
        aligned = moved(store, other)
        assert digests(other) == digests(store)
        assert aligned.kept + aligned.added == whole

    def test_what_is_there_is_not_written_again(self, store: Store, other: Store) -> None:
        filled(store)
        with receiving(store, other) as taken, copy_of(store).snapshot() as rows:
            first = align(rows, taken, lambda: None)
        with receiving(store, other) as taken, copy_of(store).snapshot() as rows:
            again = align(rows, taken, lambda: None)
            with taken.snapshot() as there:
                assert counted(there, lambda: None) == counted(rows, lambda: None)
        assert again == Aligned(kept=first.added, added=0, removed=0)

    def test_nobody_opens_one_that_is_not_finished(self, store: Store, other: Store) -> None:
        filled(store)
        with pytest.raises(Stopped):
            moved(store, other, stopping(1))
        for asked in (other.inspect, other.upgrade):
            with pytest.raises(UnfinishedCopy, match="migrate-store"):
                asked()
        with pytest.raises(StartRefused), copy_of(other).snapshot():
            pass
        with pytest.raises(StartRefused), copy_of(other).filling("0001"):
            pass
        assert mover(other).is_begun()

    def test_what_the_source_changed_meanwhile_is_changed(self, store: Store, other: Store) -> None:
        filled(store)
        with receiving(store, other) as taken, copy_of(store).snapshot() as rows:
            align(rows, taken, lambda: None)
        with opened(store) as storage:
            first, second, third, *_ = page(storage)
            replaced(storage, replace(first, name="nobody's"))
            one = replaced(storage, replace(second, name=first.name))
            gone = replaced(storage, replace(third, name=second.name))
            keep(storage, "new", tags={"a": "b"})
            recorded(storage, event(request_id="later"))
            version = SecretVersion(
                secret_id=one.id, version=2, sealed="sr1:y", created_at=NOW, destroyed_at=None
            )
            storage.write(lambda s: s.versions.add(version)).result()
            storage.write(lambda s: s.feed_positions.move("Z feed", 2**41)).result()
            storage.write(lambda s: s.secrets.remove(gone)).result()
        aligned = moved(store, other)
        assert digests(other) == digests(store)
        assert aligned.kept
        assert aligned.removed

    def test_ids_go_on_behind_those_of_the_source(self, store: Store, other: Store) -> None:
        store.upgrade()
        with opened(store) as storage:
            kept = [keep(storage, name) for name in ("first", "last")]
            storage.write(lambda s: s.secrets.remove(kept[-1])).result()
        moved(store, other)
        with opened(other) as storage:
            assert keep(storage, "next").id > kept[-1].id

    def test_one_process_copies_at_a_time(self, store: Store, other: Store) -> None:
        filled(store)
        with receiving(store, other), pytest.raises(StartRefused), receiving(store, other):
            pass
        moved(store, other)

    def test_a_finished_store_takes_no_copy(self, store: Store, other: Store) -> None:
        filled(store)
        filled(other)
        before = digests(other)
        with pytest.raises(StartRefused), receiving(store, other):
            pass
        assert digests(other) == before

    def test_one_that_another_version_began_is_left_alone(self, store: Store, other: Store) -> None:
        filled(store)
        with pytest.raises(Stopped):
            moved(store, other, stopping(1))
        with pytest.raises(StartRefused, match="another version"), mover(other).receiving("0001"):
            pass

    def test_one_that_was_given_up_is_put_aside_when_asked(
        self, store: Store, other: Store
    ) -> None:
        filled(store)
        with pytest.raises(Stopped):
            moved(store, other, stopping(1))
        with (
            copy_of(store).snapshot() as rows,
            copy_of(other).filling(rows.revision, replace=True) as filling,
        ):
            for table in rows.tables():
                filling.take(table, rows.rows(table))
        assert digests(other) == digests(store)

    def test_pages_go_in_the_order_of_the_key(self, store: Store, other: Store) -> None:
        filled(store)
        names = ["Z", "a", "b", "é", "\U0001f5dd"]
        with receiving(store, other) as taken:
            taken.change(FEEDS, added=[(name, 1) for name in reversed(names)])
            first = taken.page(FEEDS, after=None, limit=3)
            assert list(first) == [(name, 1) for name in names[:3]]
            assert list(taken.page(FEEDS, after=first[-1], limit=3)) == [
                (name, 1) for name in names[3:]
            ]

    def test_a_change_is_made_whole_or_not_at_all(self, store: Store, other: Store) -> None:
        filled(store)
        with receiving(store, other) as taken:
            taken.change(FEEDS, added=[("kept", 1), ("gone", 1)])
            with pytest.raises(StartRefused) as caught:
                taken.change(
                    FEEDS, removed=[("kept", 1)], added=[("told to nobody", 1), ("gone", 1)]
                )
            assert "nobody" not in str(caught.value)
            taken.change(FEEDS, removed=[("gone", 1)])
            assert list(taken.page(FEEDS, after=None, limit=9)) == [("kept", 1)]

    @pytest.mark.parametrize(
        "form",
        [
            replace(FEEDS, name="no_such_table"),
            replace(FEEDS, name="alembic_version"),
            replace(FEEDS, name="leases"),
            replace(FEEDS, columns=(*FEEDS.columns, Column(name='x"; --', kind=Kind.TEXT))),
        ],
        ids=["table", "table of the migrations", "table of the place", "column"],
    )
    def test_forms_that_a_store_does_not_have_are_refused(
        self, store: Store, other: Store, form: TableForm
    ) -> None:
        filled(store)
        with receiving(store, other) as taken:
            with pytest.raises(StartRefused):
                taken.page(form, after=None, limit=1)
            with pytest.raises(StartRefused):
                taken.change(form, added=[("x", 1)])


def rows_of(store: Store) -> int:
    """Return how many rows a store has."""
    with copy_of(store).snapshot() as rows:
        return sum(count.rows for count in counted(rows, lambda: None).values())
