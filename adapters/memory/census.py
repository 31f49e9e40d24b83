"""How much there is, in memory."""

from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.census import Census


class MemoryCensus(Census):
    """Goes through all rows."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def living(self) -> int:
        """Return how many secrets there are outside of the recycle bin."""
        return len(self._tables.secrets) - self.deleted()

    def deleted(self) -> int:
        """Return how many secrets lie in the recycle bin."""
        return sum(row.deleted_at is not None for row in self._tables.secrets.values())

    def earlier_versions(self) -> int:
        """Return how many earlier versions are kept of all secrets, those destroyed included."""
        return len(self._tables.versions)

    def expiring(self, *, upto: datetime) -> int:
        """Return how many living secrets expire at or before a moment."""
        living = (row for row in self._tables.secrets.values() if row.deleted_at is None)
        return sum(row.expires_at is not None and row.expires_at <= upto for row in living)
