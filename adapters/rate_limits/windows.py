"""What counts requests."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


# Told apart by itself and not by its parts: it is looked up several times for each request.
@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """So many requests within so many seconds, whenever those begin; 0 for any number."""

    name: str
    amount: int
    seconds: int

    def __bool__(self) -> bool:
        """Tell whether there is a limit at all."""
        return self.amount > 0


class Windows(ABC):
    """One moving window for each rate and key."""

    @abstractmethod
    async def take(self, rate: Rate, key: str) -> int:
        """Count one request.

        Returns:
            0, or the seconds to wait when the window is full; then nothing is counted.
        """

    @abstractmethod
    async def full_for(self, rate: Rate, key: str) -> int:
        """Look without counting, and return the same."""
