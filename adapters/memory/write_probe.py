"""A change that means nothing, in memory."""

from adapters.memory.tables import Tables
from domain.ports.write_probe import WriteProbe


class MemoryWriteProbe(WriteProbe):
    """Memory takes every change; only a reading must not make one."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def touch(self) -> None:
        """Write what stands there already."""
        self._tables.touch()
