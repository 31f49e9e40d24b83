"""The audit log in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.audit.event import AuditEntry, AuditEvent
from domain.ports.audit_log import AuditLog


class MemoryAuditLog(AuditLog):
    """Appends to a table that nothing else writes to."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def append(self, event: AuditEvent) -> None:
        """Add an entry."""
        number = len(self._tables.audit) + 1
        self._tables.audit.put(number, AuditEntry(number=number, event=event))

    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order."""
        last = min(after + limit, len(self._tables.audit))
        return [self._tables.audit[number] for number in range(after + 1, last + 1)]
