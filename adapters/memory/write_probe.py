"""A change that means nothing, in memory."""

from adapters.memory.tables import Tables
from domain.ports.write_probe import WriteProbe


class MemoryWriteProbe(WriteProbe):
    """Memory takes every change, but a reading must not make one, and what keeps it may fail."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def touch(self) -> None:
        """Write what stands there already."""
        self._tables.probe.put("touched", 0)
