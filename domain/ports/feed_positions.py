"""How far what is fed from the audit log has come."""

from abc import ABC, abstractmethod


class FeedPositions(ABC):
    """Keeps a number for each thing that is fed. A feed begins at 0 and is moved on by its feeder.

    What was handed over before the number was kept is handed over again after a crash.
    """

    @abstractmethod
    def of(self, feed: str) -> int:
        """Return the last number that was handed over; 0 when there is none."""

    @abstractmethod
    def move(self, feed: str, number: int) -> None:
        """Keep the last number that was handed over."""

    @abstractmethod
    def advance(self, feed: str, *, after: int, to: int) -> None:
        """Move on from a number, in one step with the look at it.

        Raises:
            LostRace: the position is another one; another process was faster.
        """
