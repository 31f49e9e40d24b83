"""Units of work on a journal: done in memory, kept in the file."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from adapters.memory import MemoryStorage
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac
from strongroom_journal.file import JournalFile

T = TypeVar("T")


class JournalStorage(Storage):
    """The store in memory, which hands its changes to the file before they count."""

    def __init__(self, journal: JournalFile) -> None:
        """Begin with what the file holds."""
        self._journal = journal
        self._memory = MemoryStorage(keep=journal.append, kept=journal.replay())

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once."""
        return self._memory.read(work)

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once; its changes are on the disk when the future is done."""
        return self._memory.write(work)

    def vouch_with(self, macs: TipMac) -> None:
        """Have every growth of the audit log vouched for."""
        self._memory.vouch_with(macs)

    def close(self) -> None:
        """Take no more changes, then let go of the file."""
        self._memory.close()
        self._journal.close()
