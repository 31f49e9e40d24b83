"""Looking after tokens."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.access.token import Token


class TokenRepository(ABC):
    """Keeps tokens, also those that are revoked."""

    @abstractmethod
    def find(self, number: int) -> Token | None:
        """Return the token with this id, or `None`."""

    @abstractmethod
    def page(self, *, after: int, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens with ids above `after`, ordered by id."""

    @abstractmethod
    def add(self, token: Token) -> Token:
        """Keep a new token of a principal that is there, and return it with its id."""

    @abstractmethod
    def revoke(self, number: int, at: datetime) -> bool:
        """Have the token count no longer; tell whether it did until now."""
