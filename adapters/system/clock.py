"""The clock of the machine."""

from datetime import UTC, datetime

from domain.ports.clock import Clock


class SystemClock(Clock):
    """Tells the time of the operating system."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)
