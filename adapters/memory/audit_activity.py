"""The audit log as those see it who follow it, in memory."""

from collections.abc import Collection, Sequence

from adapters.memory.audit_tree import MemoryAuditTree
from adapters.memory.tables import Tables
from domain.access.action import Action
from domain.audit.event import AuditEntry, Outcome
from domain.ports.audit_activity import AuditActivity


class MemoryAuditActivity(AuditActivity):
    """Goes through the entries."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables
        self._tree = MemoryAuditTree(tables)

    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""
        return self._tree.state().size

    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""
        return [
            entry
            for entry in self._entries(after, upto)
            if entry.event.outcome is Outcome.DONE and entry.event.action in actions
        ]

    def _entries(self, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of a stretch."""
        records = (self._tables.audit.get(number) for number in range(after + 1, upto + 1))
        return [found.entry for found in records if found is not None and found.entry is not None]
