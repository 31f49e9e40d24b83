"""One statement for many rows."""

from collections.abc import Mapping, Sequence
from typing import Any

FEW = 3
"""Rows up to which a statement for each is quicker than anything else."""

Rows = Sequence[Mapping[str, Any]]


def execute_many(cursor: Any, statement: str, rows: Rows, context: Any) -> bool:
    """Run a statement for each row, and tell the engine that it is done.

    Rows to insert are copied, all with one statement. What is left goes the driver's way, which
    sends everything before it waits. After that a server does not count how long a transaction is
    idle, and would let a process that was stopped in the middle keep the others waiting for ever;
    any statement behind it has the server count again.
    """
    if not context.isinsert or not context.compiled:
        cursor.executemany(statement, rows)
        cursor.connection.execute("SELECT 1")
    elif len(rows) > FEW:
        _copy(cursor, rows, context)
    else:
        for row in rows:
            cursor.execute(statement, row)
    return True


def _copy(cursor: Any, rows: Rows, context: Any) -> None:
    """Copy rows into the table of an insertion."""
    table = context.compiled.statement.table
    preparer = context.dialect.identifier_preparer
    names = list(rows[0])
    columns = ", ".join(preparer.quote(name) for name in names)
    with cursor.copy(f"COPY {preparer.format_table(table)} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])
