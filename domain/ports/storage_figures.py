"""What an open store can tell about itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How busy a store is at this moment, within this process.

    `waiting_writes` are units of work that wait for their turn. Connections are `None` for a store
    that has no pool of them: those that are open, those in use, and how many there may be.
    """

    waiting_writes: int = 0
    open_connections: int | None = None
    used_connections: int | None = None
    most_connections: int | None = None


class StorageFigures(ABC):
    """An ability beside `Storage`: telling how busy it is."""

    @abstractmethod
    def figures(self) -> Figures:
        """Return the figures of this moment, without asking a database."""
