"""The tree over the audit log, in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.audit.merkle import TreeState, perfect
from domain.ports.audit_tree import AuditTree

ONLY = "tree"
"""The key of the one row."""


class MemoryAuditTree(AuditTree):
    """Keeps the state, and computes every subtree from the leaves when it is asked for."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def state(self) -> TreeState:
        """Return the size and the peaks."""
        return self._tables.audit_tree.get(ONLY) or TreeState()

    def put(self, state: TreeState) -> None:
        """Write the state."""
        self._tables.audit_tree.put(ONLY, state)

    def hashes(self, height: int, *, start: int, count: int) -> Sequence[bytes]:
        """Return hashes of complete subtrees of 2^height leaves, from the one at `start`."""
        complete = self.state().size >> height
        return [self._hash(height, index) for index in range(start, min(start + count, complete))]

    def _hash(self, height: int, index: int) -> bytes:
        """Return the hash of one complete subtree."""
        first, last = (index << height) + 1, (index + 1) << height
        return perfect([self._tables.audit[number].leaf for number in range(first, last + 1)])
