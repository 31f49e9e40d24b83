"""The audit log in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.audit_tip import MemoryAuditTip
from adapters.memory.audit_tree import MemoryAuditTree
from adapters.memory.tables import Tables
from domain.audit.encoding import accept_event, entry_leaf
from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.merkle import TreeState
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.errors import Broken, StorageUnavailable
from domain.ports.audit_log import AuditLog
from domain.ports.tip_mac import TipMac, require_vouched, vouched


class MemoryAuditLog(AuditLog):
    """Appends to a table that nothing else writes to."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables
        self._tree = MemoryAuditTree(tables)
        self._tip = MemoryAuditTip(tables)
        self.macs: TipMac | None = None
        """Makes and checks tags of the tip; without it only a log that has none can grow."""

    def append(self, event: AuditEvent) -> None:
        """Add an entry."""
        accept_event(event)
        tree = self._tree.state()
        self._require_vouched(tree)
        entry = AuditEntry(number=tree.size + 1, event=event)
        leaf = entry_leaf(entry)
        record = AuditRecord(number=entry.number, leaf=leaf, entry=entry)
        self._tables.audit.put(record.number, record)
        self._keep(tree.grown([leaf])[0])

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

    def _require_vouched(self, tree: TreeState) -> None:
        """See that one of our servers wrote the tip."""
        tag = self._tip.tag()
        try:
            if self.macs is not None:
                require_vouched(self.macs, tree, tag)
            elif tag is not None:
                raise StorageUnavailable("nothing at hand can vouch for the tip of the audit log")
        except Broken as error:
            raise StorageUnavailable(str(error)) from error

    def _keep(self, tree: TreeState) -> None:
        """Write the tip, with a new tag if it has one."""
        self._tree.put(tree)
        tag = self._tip.tag()
        if tag is not None and self.macs is not None:
            self._tip.put(vouched(self.macs, tree, key_id=tag.key_id))

    def _numbers(self, after: int) -> range:
        """Return the numbers above one."""
        return range(after + 1, len(self._tables.audit) + 1)


def _fits(record: AuditRecord, query: AuditQuery) -> bool:
    """Tell whether a record is part of what is asked for."""
    if record.entry is None:
        return not query.has_filters
    return query.fits(record.entry.event)
