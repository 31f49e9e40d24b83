"""Where wrapped data keys are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.keys.data_key import DataKey


class DataKeyRepository(ABC):
    """Keeps data keys with their states."""

    @abstractmethod
    def active(self) -> DataKey | None:
        """Return the key for new values, or `None` in a store that has none yet."""

    @abstractmethod
    def find(self, key_id: str) -> DataKey | None:
        """Return the key with this id, or `None`."""

    @abstractmethod
    def all(self) -> Sequence[DataKey]:
        """Return every key, oldest first."""

    @abstractmethod
    def add(self, key: DataKey) -> None:
        """Keep a new key."""
