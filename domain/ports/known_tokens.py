"""Recognising the token that a caller shows."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.access.token import Token


class KnownTokens(ABC):
    """Finds tokens by their keyed hash, and remembers that they were used."""

    @abstractmethod
    def recognise(self, digest: bytes) -> Token | None:
        """Return the token with this hash, revoked or not, or `None`."""

    @abstractmethod
    def note_use(self, number: int, at: datetime) -> None:
        """Set when the token was last used; never backwards, and nothing else of it."""
