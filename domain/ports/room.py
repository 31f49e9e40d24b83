"""How much room there is where the store is kept."""

from abc import ABC, abstractmethod


class Room(ABC):
    """Looks at the disk."""

    @abstractmethod
    def used_percent(self) -> int | None:
        """Return how full it is, or `None` where that cannot be known."""
