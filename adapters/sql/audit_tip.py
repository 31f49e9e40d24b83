"""What vouches for the tip of the audit log, in SQL."""

from adapters.sql.audit_growth import Growth
from domain.audit.merkle import TreeState
from domain.audit.tip import TipTag
from domain.ports.audit_tip import AuditTip


class SqlAuditTip(AuditTip):
    """Reads and writes what stands beside the state of the tree."""

    def __init__(self, growth: Growth) -> None:
        """Take what writes that row."""
        self._growth = growth

    def tag(self) -> TipTag | None:
        """Return the tag; `None` before there was the first one."""
        return self._growth.tag()

    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands."""
        self._growth.put(tag)

    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write a tip anew, where what is stored is none."""
        self._growth.restore(tree, tag)
