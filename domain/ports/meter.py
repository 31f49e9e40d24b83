"""What counts how calls end."""

from abc import ABC, abstractmethod

from domain.audit.event import AuditEvent


class Meter(ABC):
    """Counts calls, for whoever watches the service. Neither method raises, or takes long.

    What is counted is lost with the process: the audit log is where it is remembered.
    """

    @abstractmethod
    def settled(self, event: AuditEvent) -> None:
        """Count a call by how it ended. Its event is durable, and its answer leaves."""

    @abstractmethod
    def unrecorded(self, calls: int) -> None:
        """Count calls that were not answered, because their events could not be written."""
