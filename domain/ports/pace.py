"""How hard background work presses on a process that answers callers meanwhile."""

from abc import ABC, abstractmethod


class Pace(ABC):
    """Lets background work rest between its steps."""

    @abstractmethod
    def begin(self) -> None:
        """Begin a piece of work: the time before it was no work."""

    @abstractmethod
    def rest(self) -> None:
        """Wait as long as the step before deserves. Called after each step, by one thread."""
