"""Where it is remembered who did what."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord


class AuditLog(ABC):
    """A log that is only ever appended to. Each entry becomes a leaf of the audit tree."""

    @abstractmethod
    def append(self, event: AuditEvent) -> None:
        """Add an entry. It is durable when the unit of work that holds it is."""

    @abstractmethod
    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order.

        Entries that were erased are not among them.
        """

    @abstractmethod
    def page(self, query: AuditQuery) -> Sequence[AuditRecord]:
        """Return the records that all filters fit, in order."""

    @abstractmethod
    def erase(self, *, upto: int) -> int:
        """Erase the entries up to a number and keep their leaf hashes; return how many went."""
