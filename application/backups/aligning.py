"""Making a store that is being copied equal to its source, whatever of it is there already."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from application.backups.filling import Progress, watched
from domain.backups.rows import Row, TableForm
from domain.errors import StartRefused
from domain.ports.store_move import StoreReceiving
from domain.ports.store_rows import StoreRows

BATCH = 1000
"""Rows that are written with one transaction, and in memory at a time."""

Key = Callable[[Row], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """How many rows were there already, how many were added, and how many removed."""

    kept: int
    added: int
    removed: int


def align(rows: StoreRows, into: StoreReceiving, progress: Progress) -> Aligned:
    """Remove what the source does not have as it stands there, then add what is missing.

    A row that was changed is removed and added, and all removing comes first: so no name is taken
    by a row that is about to lose it. Rows that refer to others go before those and come after
    them. What is there need not be remembered apart from the rows: both stores are read in the
    order of the key, side by side.

    Raises:
        StartRefused: the source does not say by what its rows are told apart, or a row does not
            fit.
        StorageUnavailable: a store cannot be used now; what was done so far stays.
    """
    tables = rows.tables()
    removed = sum(_remove(rows, table, into, progress) for table in reversed(tables))
    counts = [_add(rows, table, into, progress) for table in tables]
    added = sum(new for _, new in counts)
    return Aligned(kept=sum(all_ for all_, _ in counts) - added, added=added, removed=removed)


def _remove(rows: StoreRows, table: TableForm, into: StoreReceiving, progress: Progress) -> int:
    """Remove the rows of a table that the source does not have so; return how many."""
    count = 0
    with closing(rows.rows(table)) as found:
        surplus = _surplus(_there(table, into), watched(found, progress), key_of(table))
        while batch := list(islice(surplus, BATCH)):
            into.change(table, removed=batch)
            count += len(batch)
    return count


def _add(
    rows: StoreRows, table: TableForm, into: StoreReceiving, progress: Progress
) -> tuple[int, int]:
    """Add the rows of a table that are missing; return how many there are, and how many were."""
    count = 0
    with closing(rows.rows(table)) as found:
        wanted = _Counted(watched(found, progress))
        missing = _missing(_there(table, into), wanted, key_of(table))
        while batch := list(islice(missing, BATCH)):
            into.change(table, added=batch)
            count += len(batch)
    return wanted.count, count


class _Counted(Iterator[Row]):
    """Hands rows on and counts them."""

    def __init__(self, rows: Iterator[Row]) -> None:
        """Take the rows."""
        self._rows = rows
        self.count = 0

    def __next__(self) -> Row:
        """Return the next row."""
        row = next(self._rows)
        self.count += 1
        return row


def _there(table: TableForm, into: StoreReceiving) -> Iterator[Row]:
    """Go through the rows that are there. Those that come in behind are not seen."""
    after: Row | None = None
    while page := into.page(table, after=after, limit=BATCH):
        yield from page
        after = page[-1]


def _surplus(there: Iterator[Row], wanted: Iterator[Row], key: Key) -> Iterator[Row]:
    """Yield the rows that are there and are not wanted as they are."""
    want: Row | None = None
    for row in there:
        while want is None or key(want) < key(row):
            want = next(wanted, None)
            if want is None:
                break
        if want != row:
            yield row


def _missing(there: Iterator[Row], wanted: Iterator[Row], key: Key) -> Iterator[Row]:
    """Yield the rows that are wanted and are not there."""
    have = next(there, None)
    for row in wanted:
        while have is not None and key(have) < key(row):
            have = next(there, None)
        if have is None or key(have) != key(row):
            yield row


def key_of(table: TableForm) -> Key:
    """Return what gives the key of a row.

    Raises:
        StartRefused: the table does not say its key.
    """
    names = [column.name for column in table.columns]
    if not table.key:
        raise StartRefused(
            f"this kind of source does not say what tells the rows of '{table.name}' apart"
        )
    places = [names.index(name) for name in table.key]
    return lambda row: tuple(row[place] for place in places)
