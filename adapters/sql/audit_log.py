"""The audit log as a table that is only ever appended to."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from adapters.sql.audit_growth import Growth
from adapters.sql.audit_rows import damaged, to_entry, to_record
from adapters.sql.audit_tables import audit_entries, audit_erased
from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.errors import StorageUnavailable
from domain.ports.audit_log import AuditLog

_AFTER = (
    select(audit_entries)
    .where(audit_entries.c.id > bindparam("after"))
    .order_by(audit_entries.c.id)
    .limit(bindparam("most"))
)
_ONE = select(audit_entries).where(audit_entries.c.id == bindparam("number"))
_LEAF = select(type_coerce(audit_entries.c.leaf, NullType)).where(
    audit_entries.c.id == bindparam("number")
)
_KEEP_LEAVES = insert(audit_erased).from_select(
    ["id", "leaf"],
    select(audit_entries.c.id, audit_entries.c.leaf).where(audit_entries.c.id <= bindparam("upto")),
)
_ERASE = delete(audit_entries).where(audit_entries.c.id <= bindparam("upto"))

UNREADABLE = (StorageUnavailable, ValueError, TypeError, AttributeError)
"""What comes of a row that was written by somebody else: bytes for text, a moment that is none."""


class SqlAuditLog(AuditLog):
    """Appends to the table `audit_entries`."""

    def __init__(self, connection: Connection, growth: Growth) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._growth = growth

    def append(self, event: AuditEvent) -> None:
        """Add an entry."""
        self._growth.add(event)

    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order."""
        self._growth.write()
        rows = self._connection.execute(_AFTER, {"after": after, "most": limit})
        return [to_entry(row) for row in rows]

    def page(self, query: AuditQuery) -> Sequence[AuditRecord]:
        """Return the records that all filters fit, in order."""
        self._growth.write()
        found = self._read(
            _ordered(select(audit_entries), audit_entries.c.id, query, *_asked(query))
        )
        if not query.has_filters:
            erased = _ordered(select(audit_erased), audit_erased.c.id, query)
            rows = self._connection.execute(erased)
            found += [AuditRecord(number=n, leaf=leaf, entry=None, erased=True) for n, leaf in rows]
        found.sort(key=lambda record: record.number)
        return found[-query.limit :] if query.newest else found[: query.limit]

    def erase(self, *, upto: int) -> int:
        """Erase the entries up to a number and keep their leaf hashes; return how many went."""
        self._growth.write()
        self._connection.execute(_KEEP_LEAVES, {"upto": upto})
        return self._connection.execute(_ERASE, {"upto": upto}).rowcount

    def _read(self, statement: Select[Any]) -> list[AuditRecord]:
        """Read records; one by one when there is a row among them that cannot be read."""
        try:
            return [to_record(row) for row in self._connection.execute(statement)]
        except UNREADABLE:
            numbers = statement.with_only_columns(audit_entries.c.id)
            return [self._read_one(number) for number in self._connection.scalars(numbers).all()]

    def _read_one(self, number: int) -> AuditRecord:
        """Read one record."""
        try:
            return to_record(self._connection.execute(_ONE, {"number": number}).one())
        except UNREADABLE:
            leaf = self._connection.execute(_LEAF, {"number": number}).scalar_one()
            return damaged(number, leaf)


def _ordered(
    statement: Select[Any],
    number: ColumnElement[int],
    query: AuditQuery,
    *asked: ColumnElement[bool],
) -> Select[Any]:
    """Ask for the right end of what fits."""
    order = number.desc() if query.newest else number
    return statement.where(number > query.after, *asked).order_by(order).limit(query.limit)


def _asked(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    """Write out the filters."""
    columns = audit_entries.c
    for column, wanted in (
        (columns.secret_name, query.name),
        (columns.secret_uid, query.uid),
        (columns.principal, query.caller),
        (columns.action, query.action and query.action.value),
        (columns.outcome, query.outcome and query.outcome.value),
    ):
        if wanted is not None:
            yield column == wanted
    if query.since is not None:
        yield columns.at >= query.since
    if query.until is not None:
        yield columns.at < query.until
