"""Looking into the recycle bin for what should have been purged."""

from collections.abc import Sequence
from datetime import timedelta

from domain.health.finding import Finding, warning
from domain.ports.clock import Clock
from domain.ports.storage import Storage
from domain.secrets.secret import BIN_DAYS

MOST = 1000
GRACE = timedelta(days=1)
"""Purging is hourly work; a machine may be off for a night."""


class ExamineBin:
    """Says whether the bin is emptied."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        """Take where to look, and the clock."""
        self._storage = storage
        self._clock = clock

    def __call__(self) -> Sequence[Finding]:
        """Look, and judge."""
        limit = self._clock.now() - timedelta(days=BIN_DAYS) - GRACE
        due = self._storage.read(
            lambda session: session.catalogue.deleted_before(limit, limit=MOST)
        ).result()
        if not due:
            return []
        count = f"{len(due)}" if len(due) < MOST else f"{MOST} or more"
        return [
            warning(
                "bin",
                f"deleted secrets that should have been purged after {BIN_DAYS} days: {count}",
                "strongroom serve purges them, a thousand within each hour",
            )
        ]
