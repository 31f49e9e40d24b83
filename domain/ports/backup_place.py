"""Where backups lie."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.errors import NotFound, Unavailable


class PlaceUnavailable(Unavailable):
    """The place of backups cannot be read or written now, or its disk is full."""


class NoSuchBackup(NotFound):
    """There is no backup of this name."""

    def __init__(self) -> None:
        super().__init__("backup")


class Target(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take all of the bytes."""


class Source(Protocol):
    """Gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A backup that lies there: its name, and its size in bytes."""

    name: str
    bytes: int


class BackupPlace(ABC):
    """Keeps files whole. What a failed or unavailable place raises is the same for all of them.

    Raises:
        PlaceUnavailable: nothing was changed.
    """

    @property
    @abstractmethod
    def uri(self) -> str:
        """Return the place as the settings name it, without anything secret in it."""

    @abstractmethod
    def put(self, name: str, write: Callable[[Target], None]) -> int:
        """Keep what is written, and return how many bytes that is.

        It is there, whole and durable, when this returns. When `write` raises, or the process
        ends before, there is nothing under the name.
        """

    @abstractmethod
    def open(self, name: str) -> AbstractContextManager[Source]:
        """Give what is kept under a name, until the block ends.

        Raises:
            NoSuchBackup: there is none.
        """

    @abstractmethod
    def list(self) -> Sequence[Lying]:
        """Return the backups that lie there, by name; other files are passed over."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Erase a backup, if it is there."""
