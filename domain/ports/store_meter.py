"""What counts the work of a store."""

from abc import ABC, abstractmethod


class StoreMeter(ABC):
    """Counts transactions that change the store. Neither method raises, or takes long."""

    @abstractmethod
    def committed(self, *, works: int, seconds: float) -> None:
        """Count a transaction that is durable.

        Args:
            works: units of work in it.
            seconds: how long it took to become durable, when all works had run.
        """

    @abstractmethod
    def not_committed(self, *, works: int) -> None:
        """Count a transaction that failed, with all units of work in it."""
