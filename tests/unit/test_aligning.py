"""Two stores are made equal whatever stands in either, a batch at a time."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.backups import aligning
from application.backups.aligning import align
from domain.backups.rows import Column, Kind, Row, TableForm
from domain.errors import StartRefused
from domain.ports.storage import Session
from domain.ports.store_move import StoreReceiving
from domain.ports.store_rows import StoreRows

COLUMNS = tuple(Column(name=name, kind=Kind.TEXT) for name in ("value", "major", "minor"))
TABLES = tuple(
    TableForm(name=name, columns=COLUMNS, key=("major", "minor")) for name in ("one", "two")
)
Kept = dict[tuple[str, str], str]


class Rows(StoreRows):
    """Rows of two tables."""

    def __init__(self, *kept: Kept, tables: Sequence[TableForm] = TABLES) -> None:
        self._kept = dict(zip(("one", "two"), kept, strict=True))
        self._tables = tables

    @property
    def revision(self) -> str:
        return "0001"

    @property
    def session(self) -> Session:
        raise NotImplementedError

    def tables(self) -> Sequence[TableForm]:
        return self._tables

    def rows(self, table: TableForm) -> Generator[Row, None, None]:
        return ((value, *key) for key, value in sorted(self._kept[table.name].items()))


class Taking(StoreReceiving):
    """Takes rows into memory, and remembers the order of what was done."""

    def __init__(self, *kept: Kept) -> None:
        self.kept = dict(zip(("one", "two"), kept, strict=True))
        self.done: list[tuple[str, str]] = []

    def snapshot(self) -> AbstractContextManager[StoreRows]:
        return contextlib.nullcontext(Rows(*self.kept.values()))

    def page(self, table: TableForm, *, after: Row | None, limit: int) -> Sequence[Row]:
        there = sorted(self.kept[table.name].items())
        behind = [(v, *key) for key, v in there if after is None or key > after[1:]]
        return behind[:limit]

    def change(
        self, table: TableForm, *, removed: Sequence[Row] = (), added: Sequence[Row] = ()
    ) -> None:
        kept = self.kept[table.name]
        assert len(removed) + len(added) <= aligning.BATCH
        for _, major, minor in removed:
            del kept[str(major), str(minor)]
            self.done.append(("removed", table.name))
        for value, major, minor in added:
            assert (major, minor) not in kept
            kept[str(major), str(minor)] = str(value)
            self.done.append(("added", table.name))

    def finish(self, tables: Sequence[TableForm]) -> None:
        raise NotImplementedError


few = st.text("ab", max_size=2)
kept = st.dictionaries(st.tuples(few, few), few, max_size=20)


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aligning, "BATCH", 3)
        yield


@given(wanted=st.tuples(kept, kept), there=st.tuples(kept, kept))
def test_what_is_there_becomes_what_is_wanted(
    wanted: tuple[Kept, Kept], there: tuple[Kept, Kept]
) -> None:
    alike = sum(len(new.items() & old.items()) for new, old in zip(wanted, there, strict=True))
    taking = Taking(*(dict(each) for each in there))
    aligned = align(Rows(*wanted), taking, lambda: None)
    assert tuple(taking.kept.values()) == wanted
    assert aligned.kept == alike
    assert aligned.added == sum(map(len, wanted)) - alike
    assert aligned.removed == sum(map(len, there)) - alike


def test_all_removing_comes_first_and_from_the_last_table_on() -> None:
    taking = Taking({("a", "x"): "old"}, {("a", "x"): "old"})
    align(Rows({("a", "y"): "new"}, {("a", "y"): "new"}), taking, lambda: None)
    assert taking.done == [
        ("removed", "two"), ("removed", "one"), ("added", "one"), ("added", "two"),
    ]  # fmt: skip


def test_a_source_that_does_not_say_its_keys_is_refused() -> None:
    keyless = [TableForm(name="one", columns=COLUMNS)]
    with pytest.raises(StartRefused, match="apart"):
        align(Rows({}, {}, tables=keyless), Taking({}, {}), lambda: None)
