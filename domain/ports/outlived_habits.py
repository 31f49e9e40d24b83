"""Erasing what is remembered of callers and is of no use any more."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date

FirstRead = tuple[str, bytes]
"""A caller, and the uid of a secret."""


class OutlivedHabits(ABC):
    """Finds, on whatever snapshot, what can be erased later."""

    @abstractmethod
    def find(self, *, before: date, limit: int) -> Sequence[FirstRead]:
        """Return up to `limit` first readings that are of no use.

        Those are readings of secrets that are gone, and by callers who read nothing since a day.
        """

    @abstractmethod
    def forget(self, outlived: Sequence[FirstRead], *, before: date) -> None:
        """Erase first readings, and the habits of callers who read nothing since a day.

        A habit stays as long as a first reading of its caller does.
        """
