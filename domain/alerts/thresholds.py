"""From where on something is unusual."""

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What the settings say. A rule whose number is 0 is off."""

    reads: int = 1000
    denials: int = 20
    window: timedelta = timedelta(minutes=10)
    quiet: timedelta = timedelta(hours=1)
    first_reads: bool = True
    unusual_hours: bool = True
    decoys: bool = True
    learning: timedelta = timedelta(days=14)
    expiry: timedelta = timedelta(days=7)
    secret_age: timedelta = timedelta(0)
    key_age: timedelta = timedelta(days=400)
    token_expiry: timedelta = timedelta(days=7)
    token_unused: timedelta = timedelta(days=90)
    backup_age: timedelta = timedelta(0)
    disk_percent: int = 90
    verify_every: timedelta = timedelta(days=1)

    @property
    def window_minutes(self) -> int:
        """Return how many minutes the window has, at least one."""
        return max(1, int(self.window.total_seconds()) // 60)
