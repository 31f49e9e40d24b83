"""Every row of a SQL store on one snapshot, whichever database it is."""

from collections.abc import Generator, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from adapters.sql.session import open_session
from adapters.sql.tables import metadata
from adapters.sql.types import UtcDateTime
from domain.backups import rows
from domain.backups.rows import Kind, Row, TableForm
from domain.errors import Broken
from domain.ports.storage import Session
from domain.ports.store_rows import StoreRows

LEFT_OUT = frozenset({"leases", "backup_runs"})
"""What holds for this place and moment only: a process has a lease, a place has its backups."""

BATCH = 1000
"""Rows that are in memory at a time."""

_KINDS: Sequence[tuple[type[TypeEngine[Any]], Kind]] = (
    (UtcDateTime, Kind.MOMENT),
    (LargeBinary, Kind.BYTES),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (Float, Kind.REAL),
    (Date, Kind.DAY),
    (String, Kind.TEXT),
)


class SqlStoreRows(StoreRows):
    """Reads over one connection, which is in a transaction that is one snapshot."""

    def __init__(self, connection: Connection, revision: str) -> None:
        """Take the connection, and the revision that was seen over it."""
        self._connection = connection
        self._revision = revision
        self._session = open_session(connection)

    @property
    def revision(self) -> str:
        """Return the revision of the tables."""
        return self._revision

    @property
    def session(self) -> Session:
        """Return the repositories on this connection."""
        return self._session

    def tables(self) -> Sequence[TableForm]:
        """Return the tables, each after those that it refers to."""
        return [
            TableForm(
                name=table.name,
                columns=tuple(
                    rows.Column(name=column.name, kind=kind_of(column)) for column in table.columns
                ),
                last_id=last_id(self._connection, table),
                key=tuple(column.name for column in table.primary_key.columns),
            )
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        ]

    def rows(self, table: TableForm) -> Generator[Row, None, None]:
        """Go through the rows of a table in the order of its key."""
        statement = self._in_order(metadata.tables[table.name])
        streamed = self._connection.execution_options(stream_results=True, yield_per=BATCH)
        try:
            with streamed.execute(statement) as found:
                for row in found:
                    yield tuple(row)
        except (ValueError, TypeError) as error:
            raise Broken(
                f"a row of the table '{table.name}' cannot be read; 'strongroom doctor --full'"
                " says more"
            ) from error

    def _in_order(self, table: Table) -> Select[Any]:
        """Return the statement for a table. Either database compares texts by code points."""
        return select(*table.columns).order_by(*table.primary_key.columns)


def kind_of(column: Column[Any]) -> Kind:
    """Return what a column is for.

    Raises:
        Broken: its type has no kind yet, and one must be added to the form of backups.
    """
    for kind_of_type, kind in _KINDS:
        if isinstance(column.type, kind_of_type):
            return kind
    raise Broken(f"the column {column.table.name}.{column.name} has no form in backups")


def last_id(connection: Connection, table: Table) -> int | None:
    """Return the highest id that was given out, or `None` where the table gives out none."""
    column = table.autoincrement_column
    if column is None:
        return None
    if connection.dialect.name == "sqlite":
        asked = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return int(connection.execute(asked, {"name": table.name}).scalar() or 0)
    asked = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :column)::regclass)")
    found = connection.execute(asked, {"name": table.name, "column": column.name}).scalar()
    return int(found or 0)
