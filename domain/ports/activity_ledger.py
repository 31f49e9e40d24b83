"""Where it is kept how much secrets are used."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import date

from domain.audit.activity import Activity


class ActivityLedger(ABC):
    """Keeps counts by secret, day and principal. They outlive the entries they were counted from.

    Whoever counts keeps the number up to which it has, in the same unit of work as the counts.
    """

    @abstractmethod
    def counted(self, *, after: int, upto: int) -> Sequence[Activity]:
        """Return what the entries of the audit log behind `after` and up to `upto` amount to.

        Entries that were erased, or cannot be read, are not among them.
        """

    @abstractmethod
    def add(self, activities: Iterable[Activity]) -> None:
        """Add to the counts."""

    @abstractmethod
    def forget(self, *, before: date) -> int:
        """Erase the counts of the days before one, and return how many there were."""
