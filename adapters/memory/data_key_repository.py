"""Wrapped data keys in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.ports.data_key_repository import DataKeyRepository


class MemoryDataKeyRepository(DataKeyRepository):
    """Keeps data keys by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def active(self, purpose: KeyPurpose = KeyPurpose.SEAL) -> DataKey | None:
        """Return the active key of a purpose, or `None`."""
        keys = (key for key in self._tables.data_keys.values() if key.purpose is purpose)
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

    def replace(self, key: DataKey) -> None:
        """Write everything of a key that is kept already."""
        if key.id in self._tables.data_keys:
            self._tables.data_keys.put(key.id, key)
