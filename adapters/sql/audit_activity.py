"""The audit log as those see it who follow it, in SQL."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, bindparam, select

from adapters.sql.audit_rows import to_record
from adapters.sql.audit_tables import audit_entries, audit_tree
from domain.access.action import Action
from domain.audit.event import AuditEntry, Outcome
from domain.errors import StorageUnavailable
from domain.ports.audit_activity import AuditActivity

_c = audit_entries.c
_SIZE = select(audit_tree.c.size).where(audit_tree.c.id == 1)
_STRETCH = (_c.id > bindparam("after"), _c.id <= bindparam("upto"))
_DONE = (
    select(audit_entries)
    .where(
        *_STRETCH,
        _c.outcome == Outcome.DONE.value,
        _c.action.in_(bindparam("actions", expanding=True)),
    )
    .order_by(_c.id)
)
_UNREADABLE = (StorageUnavailable, ValueError, TypeError, AttributeError)
"""What comes of a row that was written by somebody else."""


class SqlAuditActivity(AuditActivity):
    """Has the database pass over what is not asked for: most entries are readings."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""
        return self._connection.execute(_SIZE).scalar_one_or_none() or 0

    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""
        words = sorted(action.value for action in actions)
        try:
            return list(self._entries(after, upto, words))
        except _UNREADABLE:
            each = (self._one(number, words) for number in range(after + 1, upto + 1))
            return [entry for entries in each for entry in entries]

    def _entries(self, after: int, upto: int, words: list[str]) -> Iterator[AuditEntry]:
        """Read entries."""
        given = {"after": after, "upto": upto, "actions": words}
        for row in self._connection.execute(_DONE, given):
            entry = to_record(row).entry
            if entry is not None:
                yield entry

    def _one(self, number: int, words: list[str]) -> Sequence[AuditEntry]:
        """Read one entry, if it can be read."""
        try:
            return list(self._entries(number - 1, number, words))
        except _UNREADABLE:
            return ()
