"""The succession of root keys in memory."""

from adapters.memory.tables import Tables
from domain.errors import LostRace
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.root_key_records import RootKeyRecords


class MemoryRootKeyRecords(RootKeyRecords):
    """Keeps records by generation."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def current(self) -> RootKeyRecord | None:
        """Return the newest record, or `None`."""
        newest = max(self._tables.root_keys, default=None)
        return None if newest is None else self._tables.root_keys[newest]

    def add(self, record: RootKeyRecord) -> None:
        """Keep the record of the next root key.

        Raises:
            LostRace: there is one of this generation.
        """
        if record.generation in self._tables.root_keys:
            raise LostRace
        self._tables.root_keys.put(record.generation, record)
