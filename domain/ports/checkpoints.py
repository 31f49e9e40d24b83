"""The checkpoints that were made of the audit log."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.audit.checkpoint import Checkpoint


class Checkpoints(ABC):
    """Keeps every checkpoint for ever, one for a size."""

    @abstractmethod
    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint.

        Raises:
            LostRace: there is one of this size.
        """

    @abstractmethod
    def newest(self) -> Checkpoint | None:
        """Return the one of the largest size, or `None`."""

    @abstractmethod
    def after(self, size: int, *, limit: int) -> Sequence[Checkpoint]:
        """Return up to `limit` checkpoints of sizes above `size`, in order."""
