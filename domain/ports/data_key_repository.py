"""Where wrapped data keys are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.keys.data_key import DataKey, KeyPurpose


class DataKeyRepository(ABC):
    """Keeps data keys with their states. At most one of each purpose is active."""

    @abstractmethod
    def active(self, purpose: KeyPurpose = KeyPurpose.SEAL) -> DataKey | None:
        """Return the active key of a purpose, or `None` in a store that has none yet."""

    @abstractmethod
    def find(self, key_id: str) -> DataKey | None:
        """Return the key with this id, or `None`."""

    @abstractmethod
    def all(self) -> Sequence[DataKey]:
        """Return every key, oldest first."""

    @abstractmethod
    def add(self, key: DataKey) -> None:
        """Keep a new key. The active one of its purpose must have been retired before."""

    @abstractmethod
    def replace(self, key: DataKey) -> None:
        """Write everything of a key that is kept already."""
