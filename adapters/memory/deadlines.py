"""Secrets by their dates, in memory."""

from collections.abc import Sequence
from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.deadlines import Deadlines
from domain.secrets.secret import Secret


class MemoryDeadlines(Deadlines):
    """Goes through all secrets."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def expiring(self, *, after: datetime, until: datetime, limit: int) -> Sequence[Secret]:
        """Return those that expire between two moments, the first to expire first."""
        found = [
            (secret.expires_at, secret.id, secret)
            for secret in self._living()
            if secret.expires_at is not None and after < secret.expires_at <= until
        ]
        return [secret for _, _, secret in sorted(found, key=lambda item: item[:2])][:limit]

    def unchanged(self, *, since: datetime, limit: int) -> Sequence[Secret]:
        """Return those whose value was set before a moment, the oldest value first."""
        found = [secret for secret in self._living() if secret.value_set_at < since]
        return sorted(found, key=lambda secret: (secret.value_set_at, secret.id))[:limit]

    def _living(self) -> Sequence[Secret]:
        """Return the secrets that are not in the recycle bin."""
        return [secret for secret in self._tables.secrets.values() if secret.deleted_at is None]
