"""Finding out whether the store takes changes."""

from abc import ABC, abstractmethod


class WriteProbe(ABC):
    """Makes a change that means nothing, so that a commit has something to make durable."""

    @abstractmethod
    def touch(self) -> None:
        """Write what stands there already.

        A full or read-only disk shows itself only when something is written.
        """
