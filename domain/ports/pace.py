"""How hard background work presses on a process that answers callers meanwhile."""

from abc import ABC, abstractmethod


class Pace(ABC):
    """Lets background work rest between its steps."""

    @abstractmethod
    def rest(self) -> None:
        """Wait as long as the step before deserves. Called after each step, by one thread."""
