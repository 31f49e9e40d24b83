"""Where it is remembered which backups were made, and how that went."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.backups.run import BackupRun, BackupState


class BackupRuns(ABC):
    """Keeps runs by their ids, which only grow."""

    @abstractmethod
    def add(self, run: BackupRun) -> BackupRun:
        """Keep a new run and return it with its id."""

    @abstractmethod
    def replace(self, run: BackupRun) -> None:
        """Write everything of a run that is kept already."""

    @abstractmethod
    def newest(self, *, limit: int) -> Sequence[BackupRun]:
        """Return up to `limit` runs, the newest first."""

    @abstractmethod
    def state(self) -> BackupState:
        """Return the newest run, and the newest that succeeded."""
