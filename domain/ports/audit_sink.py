"""Where entries of the audit log go besides the store."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.errors import Unavailable


class SinkUnavailable(Unavailable):
    """A sink does not take entries now; they are kept for it."""


class AuditSink(ABC):
    """Takes canonical lines. It is fed beside the service, and may take its time."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Return what its position is kept under: the same for the same place, up to 64 characters.

        Another place has another name, and so gets the log from its beginning.
        """

    @abstractmethod
    def write(self, lines: Sequence[str]) -> None:
        """Hand lines over, each without its line end; when this returns they are there.

        Raises:
            SinkUnavailable: not all of them were taken. All will be handed over again.
        """
