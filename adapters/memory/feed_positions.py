"""The positions of feeds, in memory."""

from adapters.memory.tables import Tables
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
