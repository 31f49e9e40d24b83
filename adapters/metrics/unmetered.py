"""Counting nothing: for commands at the store, which nobody scrapes."""

from domain.audit.event import AuditEvent
from domain.ports.meter import Meter
from domain.ports.store_meter import StoreMeter


class Unmetered(Meter, StoreMeter):
    """Counts nothing."""

    def settled(self, event: AuditEvent) -> None:
        """Pass over a call."""

    def unrecorded(self, calls: int) -> None:
        """Pass over calls that were not answered."""

    def committed(self, *, works: int, seconds: float) -> None:
        """Pass over a transaction."""

    def not_committed(self, *, works: int) -> None:
        """Pass over a transaction that failed."""
