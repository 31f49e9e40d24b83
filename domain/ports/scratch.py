"""A place to try things in."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from domain.ports.store import Store


class Scratch(ABC):
    """Gives stores that nobody needs afterwards."""

    @abstractmethod
    def store(self) -> AbstractContextManager[Store]:
        """Give a place for a store where nothing is yet, which is a `StoreCopy` too.

        It is erased when the block ends. What a process that was killed has left is erased the
        next time.

        Raises:
            StorageUnavailable: there is no room for one.
        """
