"""Every sealed value in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.tables import Tables
from domain.ports.sealed_values import SealedValues, StoredValue


class MemorySealedValues(SealedValues):
    """Goes through the newest values of all secrets."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def not_beginning(self, prefix: str, *, after: int, limit: int) -> Sequence[StoredValue]:
        """Return newest values of secrets with ids above `after` without this prefix, by id."""
        rows = [self._tables.secrets[key] for key in sorted(self._tables.secrets) if key > after]
        fitting = [row for row in rows if not row.sealed.startswith(prefix)]
        return [
            StoredValue(secret_id=row.id, uid=row.uid, version=row.version, sealed=row.sealed)
            for row in fitting[:limit]
        ]

    def any_beginning(self, prefix: str) -> bool:
        """Tell whether any stored value, newest or older, begins with the prefix."""
        newest = (row.sealed for row in self._tables.secrets.values())
        older = (row.sealed or "" for row in self._tables.versions.values())
        return any(text.startswith(prefix) for texts in (newest, older) for text in texts)

    def reseal(self, value: StoredValue, sealed: str) -> bool:
        """Put a new seal in the place of exactly this one; tell whether it was still there."""
        row = self._tables.secrets.get(value.secret_id)
        if row is None or (row.version, row.sealed) != (value.version, value.sealed):
            return False
        self._tables.secrets.put(row.id, replace(row, sealed=sealed))
        return True
