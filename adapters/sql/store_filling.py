"""Making the tables of a revision, and filling them with rows."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Float,
    LargeBinary,
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
        try:
            self._insert(table, names, iter(rows))
            self._set_last_id(table)
        except SQLAlchemyError as error:
            # Its words may hold what stands in the row.
            raise _refused(table, type(error).__name__) from None
        except StorageUnavailable as error:
            state = str(getattr(error.__cause__, "sqlstate", None))
            if state[:2] not in _OF_THE_ROW:
                raise
            raise _refused(table, state) from None

    def _insert(self, form: TableForm, names: list[str], rows: "Iterable[Row]") -> None:
        """Write rows, some with each statement."""
        into = table(form.name, *(column(each.name, _TYPES[each.kind]) for each in form.columns))
        statement = into.insert()
        # The migrations themselves put a row into some tables.
        self._connection.execute(into.delete())
        left = iter(rows)
        while batch := [dict(zip(names, row, strict=True)) for row in islice(left, BATCH)]:
            self._connection.execute(statement, batch)

    def _set_last_id(self, form: TableForm) -> None:
        """Have no id given out twice."""
        if not form.last_id:
            return
        if self._connection.dialect.name == "sqlite":
            self._sqlite_sequence(form.name, form.last_id)
            return
        self._connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
            {"name": form.name, "last": form.last_id},
        )

    def _sqlite_sequence(self, name: str, last: int) -> None:
        """Set what SQLite keeps in a table of its own."""
        given = {"name": name, "last": last}
        self._connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        self._connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given
        )


def _refused(table: TableForm, kind: str) -> StartRefused:
    """Say that a row does not fit."""
    return StartRefused(f"rows of the table '{table.name}' do not fit ({kind})")
