"""Where it is remembered who did what."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.audit.event import AuditEntry, AuditEvent


class AuditLog(ABC):
    """A log that is only ever appended to."""

    @abstractmethod
    def append(self, event: AuditEvent) -> None:
        """Add an entry. It is durable when the unit of work that holds it is."""

    @abstractmethod
    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order."""
