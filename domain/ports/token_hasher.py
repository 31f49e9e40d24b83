"""Recognising a token without keeping it."""

from abc import ABC, abstractmethod

from domain.access.credential import Credential


class TokenHasher(ABC):
    """Hashes tokens under a key, so that who reads or writes the store can neither try nor add."""

    @abstractmethod
    def digest(self, credential: Credential, *, key_id: str) -> bytes:
        """Return the keyed hash of a token (32 bytes), in a time that tells nothing of it.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
