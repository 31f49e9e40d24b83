"""Making the tables of a revision, and filling them with rows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Float,
    LargeBinary,
    TableClause,
    Text,
    column,
    inspect,
    table,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from adapters.sql.store_rows import LEFT_OUT
from adapters.sql.types import UtcDateTime
from domain.backups.rows import Kind, Row, TableForm
from domain.errors import StartRefused, StorageUnavailable
from domain.ports.store_rows import StoreFilling

BATCH = 1000
"""Rows that are written with one statement."""

_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: BigInteger(),
    Kind.BYTES: LargeBinary(),
    Kind.MOMENT: UtcDateTime(),
    Kind.BOOLEAN: Boolean(),
    Kind.REAL: Float(),
    Kind.DAY: Date(),
}


_OF_THE_ROW = frozenset({"22", "23", "42"})
"""Classes of SQLSTATE that say that it is the row, and not the server, that is wrong."""


class SqlStoreFilling(StoreFilling):
    """Writes over one connection. The names in a backup are looked up before they are used."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection to a store that has tables and no rows."""
        self._connection = connection
        self._inspector = inspect(connection)
        self._there = set(self._inspector.get_table_names()) - LEFT_OUT - {"alembic_version"}

    def take(self, table: TableForm, rows: Iterable[Row]) -> None:
        """Keep the rows of one table.

        Raises:
            StartRefused: there is no such table or column, or a row does not fit.
        """
        names = [each.name for each in table.columns]
        if table.name not in self._there:
            raise StartRefused("the backup has a table that a store of its revision does not have")
        known = {each["name"] for each in self._inspector.get_columns(table.name)}
        if not known.issuperset(names):
            raise StartRefused(
                f"the backup has columns of '{table.name}' that a store of its revision does not"
                " have"
            )
        with fitting(table):
            # The migrations themselves put a row into some tables.
            self._connection.execute(_of(table).delete())
            insert(self._connection, table, rows)
            set_last_id(self._connection, table)


def insert(connection: Connection, form: TableForm, rows: Iterable[Row]) -> None:
    """Write rows, some with each statement."""
    names, statement = [each.name for each in form.columns], _of(form).insert()
    left = iter(rows)
    while batch := [dict(zip(names, row, strict=True)) for row in islice(left, BATCH)]:
        connection.execute(statement, batch)


def set_last_id(connection: Connection, form: TableForm) -> None:
    """Have no id given out twice."""
    if not form.last_id:
        return
    given = {"name": form.name, "last": form.last_id}
    if connection.dialect.name != "sqlite":
        asked = "SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"
        connection.execute(text(asked), given)
        return
    # SQLite keeps it in a table of its own.
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


@contextmanager
def fitting(table: TableForm) -> Iterator[None]:
    """Say that a row does not fit, where it is the row and not the store that is wrong.

    Raises:
        StartRefused: it does not.
    """
    try:
        yield
    except SQLAlchemyError as error:
        # Its words may hold what stands in the row.
        raise _refused(table, type(error).__name__) from None
    except StorageUnavailable as error:
        state = str(getattr(error.__cause__, "sqlstate", None))
        if state[:2] not in _OF_THE_ROW:
            raise
        raise _refused(table, state) from None


def _of(form: TableForm) -> TableClause:
    """Return the table of a form, with the types that its kinds say."""
    return table(form.name, *(column(each.name, _TYPES[each.kind]) for each in form.columns))


def _refused(table: TableForm, kind: str) -> StartRefused:
    """Say that a row does not fit."""
    return StartRefused(f"rows of the table '{table.name}' do not fit ({kind})")
