"""Chance that nobody can foresee."""

from abc import ABC, abstractmethod


class Randomness(ABC):
    """Draws from a cryptographically secure source."""

    @abstractmethod
    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""

    @abstractmethod
    def below(self, bound: int) -> int:
        """Return a number from 0 up to, and without, `bound`, each equally likely."""
