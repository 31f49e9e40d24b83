"""Sealing the stream of a backup."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

from domain.errors import StartRefused
from domain.ports.backup_place import Source, Target


class NotForUs(StartRefused):
    """No identity at hand opens the backup."""


class BackupOpener(ABC):
    """Opens sealed streams."""

    @abstractmethod
    def opened(self, source: Source) -> AbstractContextManager[Iterator[bytes]]:
        """Give what was sealed, piece by piece, each authenticated before it is given.

        A stream that was cut off raises at its end.

        Raises (also while the pieces are taken):
            NotForUs: it was sealed for others.
            BackupBroken: it is damaged or cut off, or no such stream at all.
        """


class BackupSealer(ABC):
    """Seals streams for those who are to open them."""

    @property
    @abstractmethod
    def suffix(self) -> str:
        """Return what the names of its files end with."""

    @abstractmethod
    def seal(self, pieces: Iterable[bytes], target: Target) -> None:
        """Seal a stream, a little in memory at a time.

        What the pieces or the target raise comes out as it is.
        """

    @abstractmethod
    def own_opener(self) -> BackupOpener:
        """Return what opens streams that this very sealer has sealed, so that they can be proved.

        Its key is in memory only, and ends with the sealer.
        """
