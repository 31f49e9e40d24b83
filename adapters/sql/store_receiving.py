"""A SQL store that is being copied in parts: a revision that nobody serves from marks it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, literal, select, text, tuple_

from adapters.sql import schema
from adapters.sql.store_filling import fitting, insert, set_last_id
from adapters.sql.store_rows import LEFT_OUT
from adapters.sql.tables import metadata
from domain.backups.rows import Row, TableForm
from domain.errors import StartRefused
from domain.ports.store_move import StoreReceiving
from domain.ports.store_rows import StoreRows

_MARK = text("UPDATE alembic_version SET version_num = :revision")
_MARKED = text("SELECT version_num FROM alembic_version")


def mark(connection: Connection) -> None:
    """Make a store of the newest form one that is being copied."""
    connection.execute(_MARK, {"revision": f"{schema.HEAD}{schema.UNFINISHED}"})


def require_ours(connection: Connection, revision: str) -> None:
    """See that a copy was begun here that this version goes on with.

    Raises:
        StartRefused: it was begun with another revision.
    """
    marked = connection.execute(_MARKED).scalar_one()
    if (marked, revision) != (f"{schema.HEAD}{schema.UNFINISHED}", schema.HEAD):
        raise StartRefused(
            "the copy in the target's place was begun by another version of Strongroom; empty the"
            " place, and begin again"
        )


class SqlStoreReceiving(StoreReceiving):
    """Reads and writes over one connection, with a transaction for each change."""

    def __init__(
        self,
        connection: Connection,
        snapshot: Callable[[], AbstractContextManager[StoreRows]],
        at_last: Callable[[Connection], object],
    ) -> None:
        """Take the connection, and what is different from one database to the other.

        Args:
            connection: begins nothing by itself.
            snapshot: opens one on a connection of its own.
            at_last: begins the transaction that finishes the copy: raises when rows refer to others
                that are not there, and has the transaction made durable.
        """
        self._connection = connection
        self._snapshot = snapshot
        self._at_last = at_last

    def snapshot(self) -> AbstractContextManager[StoreRows]:
        """Look at what is there."""
        return self._snapshot()

    def page(self, table: TableForm, *, after: Row | None, limit: int) -> Sequence[Row]:
        """Return the next rows."""
        columns = _columns(table)
        keys = [columns[name] for name in table.key]
        statement = select(*columns.values()).order_by(*keys).limit(limit)
        if after is not None:
            place = dict(zip(columns, after, strict=True))
            bound = tuple_(*(literal(place[key.name], key.type) for key in keys))
            statement = statement.where(tuple_(*keys) > bound)
        return [tuple(row) for row in self._connection.execute(statement)]

    def change(
        self, table: TableForm, *, removed: Sequence[Row] = (), added: Sequence[Row] = ()
    ) -> None:
        """Remove and add rows with one transaction."""
        columns = _columns(table)
        with fitting(table), self._transaction():
            if removed:
                self._remove(table, columns, removed)
            insert(self._connection, table, added)

    def finish(self, tables: Sequence[TableForm]) -> None:
        """Take the mark away."""
        with self._transaction():
            self._at_last(self._connection)
            for table in tables:
                set_last_id(self._connection, table)
            self._connection.execute(_MARK, {"revision": schema.HEAD})

    def _remove(
        self, table: TableForm, columns: Mapping[str, Column[Any]], rows: Sequence[Row]
    ) -> None:
        """Remove rows by their keys."""
        statement = metadata.tables[table.name].delete()
        for name in table.key:
            statement = statement.where(columns[name] == bindparam(f"its_{name}"))
        places = {f"its_{name}": list(columns).index(name) for name in table.key}
        self._connection.execute(
            statement, [{name: row[place] for name, place in places.items()} for row in rows]
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Make all of it durable, or undo it."""
        self._connection.execute(text("BEGIN"))
        try:
            yield
            self._connection.execute(text("COMMIT"))
        except BaseException:
            # One that cannot be undone has nothing left to undo: the connection is gone.
            if not self._connection.invalidated:
                self._connection.execute(text("ROLLBACK"))
            raise


def _columns(table: TableForm) -> Mapping[str, Column[Any]]:
    """Return the columns that a form names.

    Raises:
        StartRefused: there are none.
    """
    known: Table | None = metadata.tables.get(table.name)
    names = [column.name for column in table.columns]
    if known is None or table.name in LEFT_OUT or not set(names) <= set(known.columns.keys()):
        raise StartRefused(f"the store has no table or not all columns of '{table.name[:40]}'")
    return {name: known.columns[name] for name in names}
