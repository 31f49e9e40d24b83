"""The audit log in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.audit_tree import MemoryAuditTree
from adapters.memory.tables import Tables
from domain.audit.encoding import accept_event, entry_leaf
from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.ports.audit_log import AuditLog


class MemoryAuditLog(AuditLog):
    """Appends to a table that nothing else writes to."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables
        self._tree = MemoryAuditTree(tables)

    def append(self, event: AuditEvent) -> None:
        """Add an entry."""
        accept_event(event)
        tree = self._tree.state()
        entry = AuditEntry(number=tree.size + 1, event=event)
        leaf = entry_leaf(entry)
        record = AuditRecord(number=entry.number, leaf=leaf, entry=entry)
        self._tables.audit.put(record.number, record)
        self._tree.put(tree.grown([leaf])[0])

    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order."""
        records = (self._tables.audit[number] for number in self._numbers(after))
        return [record.entry for record in records if record.entry is not None][:limit]

    def page(self, query: AuditQuery) -> Sequence[AuditRecord]:
        """Return the records that all filters fit, in order."""
        records = [self._tables.audit[number] for number in self._numbers(query.after)]
        fitting = [record for record in records if _fits(record, query)]
        return fitting[-query.limit :] if query.newest else fitting[: query.limit]

    def erase(self, *, upto: int) -> int:
        """Erase the entries up to a number and keep their leaf hashes; return how many went."""
        records = [self._tables.audit[number] for number in self._numbers(0) if number <= upto]
        there = [record for record in records if not record.erased]
        for record in there:
            self._tables.audit.put(record.number, replace(record, entry=None, erased=True))
        return len(there)

    def _numbers(self, after: int) -> range:
        """Return the numbers above one."""
        return range(after + 1, len(self._tables.audit) + 1)


def _fits(record: AuditRecord, query: AuditQuery) -> bool:
    """Tell whether a record is part of what is asked for."""
    if record.entry is None:
        return not query.has_filters
    return query.fits(record.entry.event)
