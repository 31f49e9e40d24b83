"""Tripwires in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.ports.decoys import Decoy, Decoys


class MemoryDecoys(Decoys):
    """Keeps tripwires by the permanent id of the secret."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, uid: bytes) -> Decoy | None:
        """Return the tripwire, or `None`."""
        return self._tables.decoys.get(uid)

    def put(self, decoy: Decoy) -> None:
        """Make a secret a tripwire, or keep what is known of one."""
        self._tables.decoys.put(decoy.uid, decoy)

    def remove(self, uid: bytes) -> bool:
        """Have a secret be one no longer; tell whether it was."""
        if uid not in self._tables.decoys:
            return False
        self._tables.decoys.drop(uid)
        return True

    def all(self) -> Sequence[Decoy]:
        """Return all tripwires, by name."""
        return sorted(self._tables.decoys.values(), key=lambda one: (one.name, one.uid))
