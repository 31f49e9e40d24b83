"""What vouches for the tip of the audit log, in memory."""

from adapters.memory.audit_tree import ONLY
from adapters.memory.tables import Tables
from domain.audit.merkle import TreeState
from domain.audit.tip import TipTag
from domain.ports.audit_tip import AuditTip


class MemoryAuditTip(AuditTip):
    """Keeps the one tag."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def tag(self) -> TipTag | None:
        """Return the tag; `None` before there was the first one."""
        return self._tables.tip_tags.get(ONLY)

    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands."""
        self._tables.tip_tags.put(ONLY, tag)

    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write a tip anew, where what is stored is none."""
        self._tables.audit_tree.put(ONLY, tree)
        self._tables.tip_tags.put(ONLY, tag)
