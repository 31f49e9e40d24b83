"""Data keys that are unwrapped and at hand."""

from abc import ABC, abstractmethod

from domain.keys.data_key import DataKey


class KeyRing(ABC):
    """Holds unwrapped data keys in memory and derives record keys from them.

    A data key never changes under its id, so holding it needs no proof of freshness.
    """

    @abstractmethod
    def mint(self) -> DataKey:
        """Make a new active data key, wrapped, and hold it."""

    @abstractmethod
    def admit(self, key: DataKey) -> None:
        """Unwrap a stored data key and hold it. May be slow when the root key is remote.

        Raises:
            WrongRootKey: the root key does not fit.
        """

    @abstractmethod
    def holds(self, key_id: str) -> bool:
        """Tell whether the data key is at hand."""

    @abstractmethod
    def record_key(self, key_id: str, context: bytes) -> bytes:
        """Derive the 32-byte key for one secret version (HKDF-SHA256, RFC 5869).

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
