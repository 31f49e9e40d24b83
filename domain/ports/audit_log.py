"""Where it is remembered who did what."""

from abc import ABC, abstractmethod

from domain.audit.event import AuditEvent


class AuditLog(ABC):
    """A log that is only ever appended to."""

    @abstractmethod
    def append(self, event: AuditEvent) -> None:
        """Add an entry. It is durable when the unit of work that holds it is."""
