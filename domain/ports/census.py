"""How much there is."""

from abc import ABC, abstractmethod
from datetime import datetime


class Census(ABC):
    """Counts what is kept, without reading any of it."""

    @abstractmethod
    def living(self) -> int:
        """Return how many secrets there are outside of the recycle bin."""

    @abstractmethod
    def deleted(self) -> int:
        """Return how many secrets lie in the recycle bin."""

    @abstractmethod
    def earlier_versions(self) -> int:
        """Return how many earlier versions are kept of all secrets, those destroyed included."""

    @abstractmethod
    def expiring(self, *, upto: datetime) -> int:
        """Return how many living secrets expire at or before a moment."""
