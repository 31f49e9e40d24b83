"""Secrets that somebody should change before long."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.secrets.secret import Secret


class Deadlines(ABC):
    """Finds living secrets by their dates."""

    @abstractmethod
    def expiring(self, *, after: datetime, until: datetime, limit: int) -> Sequence[Secret]:
        """Return those that expire between two moments, the first to expire first."""

    @abstractmethod
    def unchanged(self, *, since: datetime, limit: int) -> Sequence[Secret]:
        """Return those whose value was set before a moment, the oldest value first."""
