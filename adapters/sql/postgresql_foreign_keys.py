"""What keeps the rows of a PostgreSQL database together, and whether they still are."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Exists, ForeignKeyConstraint, exists, select, text
from sqlalchemy.schema import AddConstraint

from adapters.sql.tables import metadata
from domain.health.finding import Finding, error

CHECK = "schema"
BACKUP = "stop the servers and restore a backup"

_FOREIGN_KEYS = text(
    "SELECT t.relname, a.attname, r.relname FROM pg_constraint c"
    " JOIN pg_class t ON t.oid = c.conrelid AND c.conrelid = to_regclass(quote_ident(t.relname))"
    " JOIN pg_class r ON r.oid = c.confrelid AND c.confrelid = to_regclass(quote_ident(r.relname))"
    " JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]"
    " WHERE c.contype = 'f' AND c.convalidated AND c.confdeltype = 'c'"
)
"""Those that the rows fulfil, and that erase what belongs to a row with it, as all of ours do."""


def examine(connection: Connection, there: Collection[str]) -> Iterator[Finding]:
    """Compare the foreign keys with ours, and the rows with what these ask for.

    Args:
        connection: the database.
        there: the tables that have all their columns.
    """
    found = {tuple(row) for row in connection.execute(_FOREIGN_KEYS)}
    whole = set(there)
    for table in metadata.sorted_tables:
        for ours in table.foreign_key_constraints:
            other = ours.referred_table.name
            if not {table.name, other} <= whole:
                continue
            if (table.name, *ours.column_keys, other) not in found:
                yield _missing(ours, connection)
            if connection.execute(select(_orphans(ours))).scalar():
                yield error(
                    CHECK,
                    f"rows of {table.name} belong to {other} that are not there",
                    BACKUP,
                )


def _missing(ours: ForeignKeyConstraint, connection: Connection) -> Finding:
    """Say that nothing keeps rows from being left behind."""
    statement = str(AddConstraint(ours).compile(dialect=connection.dialect))
    return error(
        CHECK,
        f"the foreign key from {ours.table.name} to {ours.referred_table.name} is missing",
        f"run in the database: {' '.join(statement.split())}",
    )


def _orphans(ours: ForeignKeyConstraint) -> Exists:
    """Return whether a row belongs to one that is not there."""
    (key,) = ours.elements
    own, other = key.parent, key.column
    return exists().where(own.is_not(None), ~exists().where(other == own).correlate(ours.table))
