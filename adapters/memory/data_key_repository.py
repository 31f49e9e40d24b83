"""Wrapped data keys in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.keys.data_key import DataKey, KeyState
from domain.ports.data_key_repository import DataKeyRepository


class MemoryDataKeyRepository(DataKeyRepository):
    """Keeps data keys by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def active(self) -> DataKey | None:
        """Return the key for new values, or `None`."""
        keys = self._tables.data_keys.values()
        return next((key for key in keys if key.state is KeyState.ACTIVE), None)

    def find(self, key_id: str) -> DataKey | None:
        """Return the key with this id, or `None`."""
        return self._tables.data_keys.get(key_id)

    def all(self) -> Sequence[DataKey]:
        """Return every key, oldest first."""
        return sorted(self._tables.data_keys.values(), key=lambda key: (key.created_at, key.id))

    def add(self, key: DataKey) -> None:
        """Keep a new key."""
        self._tables.data_keys.put(key.id, key)
