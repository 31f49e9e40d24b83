"""The positions of feeds, in memory."""

from adapters.memory.tables import Tables
from domain.errors import LostRace
from domain.ports.feed_positions import FeedPositions


class MemoryFeedPositions(FeedPositions):
    """Keeps a number by name."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def of(self, feed: str) -> int:
        """Return the last number that was handed over; 0 when there is none."""
        return self._tables.feed_positions.get(feed, 0)

    def move(self, feed: str, number: int) -> None:
        """Keep the last number that was handed over."""
        self._tables.feed_positions.put(feed, number)

    def advance(self, feed: str, *, after: int, to: int) -> None:
        """Move on from a number, in one step with the look at it.

        Raises:
            LostRace: the position is another one; another process was faster.
        """
        if self.of(feed) != after:
            raise LostRace
        self.move(feed, to)
