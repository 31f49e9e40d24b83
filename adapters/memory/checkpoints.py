"""Checkpoints in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.audit.checkpoint import Checkpoint
from domain.errors import LostRace
from domain.ports.checkpoints import Checkpoints


class MemoryCheckpoints(Checkpoints):
    """Keeps them by size."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint.

        Raises:
            LostRace: there is one of this size.
        """
        if checkpoint.size in self._tables.checkpoints:
            raise LostRace
        self._tables.checkpoints.put(checkpoint.size, checkpoint)

    def newest(self) -> Checkpoint | None:
        """Return the one of the largest size, or `None`."""
        sizes = self._tables.checkpoints
        return sizes[max(sizes)] if sizes else None

    def after(self, size: int, *, limit: int) -> Sequence[Checkpoint]:
        """Return up to `limit` checkpoints of sizes above `size`, in order."""
        above = sorted(found for found in self._tables.checkpoints if found > size)
        return [self._tables.checkpoints[found] for found in above[:limit]]
