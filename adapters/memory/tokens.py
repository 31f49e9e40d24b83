"""Tokens in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.tables import Tables
from domain.access.token import Token
from domain.ports.known_tokens import KnownTokens
from domain.ports.token_repository import TokenRepository


class MemoryTokenRepository(TokenRepository):
    """Keeps tokens by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, number: int) -> Token | None:
        """Return the token with this id, or `None`."""
        return self._tables.tokens.get(number)

    def page(self, *, after: int, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens with ids above `after`, ordered by id."""
        numbers = sorted(number for number in self._tables.tokens if number > after)
        return [self._tables.tokens[number] for number in numbers[:limit]]

    def add(self, token: Token) -> Token:
        """Keep a new token of a principal that is there, and return it with its id."""
        self._tables.last_token += 1
        kept = replace(token, id=self._tables.last_token)
        self._tables.tokens.put(kept.id, kept)
        return kept

    def revoke(self, number: int, at: datetime) -> bool:
        """Have the token count no longer; tell whether it did until now."""
        row = self._tables.tokens.get(number)
        if row is None or row.revoked_at is not None:
            return False
        self._tables.tokens.put(number, replace(row, revoked_at=at))
        return True


class MemoryKnownTokens(KnownTokens):
    """Goes through all tokens."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def recognise(self, digest: bytes) -> Token | None:
        """Return the token with this hash, revoked or not, or `None`."""
        return next((row for row in self._tables.tokens.values() if row.digest == digest), None)

    def note_use(self, number: int, at: datetime) -> None:
        """Set when the token was last used; never backwards, and nothing else of it."""
        row = self._tables.tokens.get(number)
        if row is not None and (row.last_used_at is None or row.last_used_at < at):
            self._tables.tokens.put(number, replace(row, last_used_at=at))
