"""Data keys that are unwrapped and at hand."""

from abc import ABC, abstractmethod
from concurrent.futures import Future

from domain.keys.data_key import DataKey


class KeyRing(ABC):
    """Holds unwrapped data keys in memory and derives other keys from them.

    A data key never changes under its id, so holding it needs no proof of freshness.
    """

    @abstractmethod
    def holds(self, key_id: str) -> bool:
        """Tell whether the data key is at hand."""

    @abstractmethod
    def fetch(self, key: DataKey) -> Future[None]:
        """Unwrap a stored data key and hold it, without keeping the caller waiting.

        One that was destroyed is passed over.

        Raises (through the future):
            WrongRootKey: the root key does not fit.
            RootKeyUnavailable: the keeper of the root key is away.
        """

    @abstractmethod
    def derive(self, key_id: str, context: bytes) -> bytes:
        """Derive a 32-byte key for one use (HKDF-SHA256, RFC 5869).

        Raises:
            KeyUnavailable: the data key is not at hand.
        """

    @abstractmethod
    def forget(self, key_id: str) -> None:
        """Let go of a data key that was destroyed."""
