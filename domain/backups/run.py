"""One run of a backup, as the store remembers it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class RunOutcome(Enum):
    """How a run ended. The words are stored: only ever add to them."""

    RUNNING = "running"
    DONE = "done"
    """Written, restored into a store of its own, and every value in it authenticated."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRun:
    """A backup that was begun. `id` is 0 before the store has given it one.

    `bytes` is the size where it lies; `values` are the sealed values that were opened to prove
    it, and `entries` is the size of the audit log in it.
    """

    id: int = 0
    scheduled: bool
    started_at: datetime
    finished_at: datetime | None = None
    outcome: RunOutcome = RunOutcome.RUNNING
    reason: str | None = None
    place: str
    name: str
    bytes: int = 0
    values: int = 0
    entries: int = 0

    def done(self, at: datetime, *, size: int, values: int, entries: int) -> "BackupRun":
        """Return the run as one that succeeded."""
        return replace(
            self,
            finished_at=at,
            outcome=RunOutcome.DONE,
            bytes=size,
            values=values,
            entries=entries,
        )

    def failed(self, at: datetime, reason: str) -> "BackupRun":
        """Return the run as one that did not."""
        return replace(self, finished_at=at, outcome=RunOutcome.FAILED, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """What is known of the runs: the newest, and the newest that succeeded."""

    newest: BackupRun | None = None
    last_done: BackupRun | None = None

    def is_due(self, every: timedelta, retry: timedelta, now: datetime) -> bool:
        """Tell whether the next one should begin: after its time, or some time after a failure."""
        if self.newest is None:
            return True
        if self.newest.outcome is RunOutcome.DONE:
            return now >= self.newest.started_at + every
        return now >= self.newest.started_at + min(retry, every)

    def is_overdue(self, every: timedelta, now: datetime, *, since: datetime) -> bool:
        """Tell whether none has succeeded for twice the time between two.

        Args:
            every: the time between two.
            now: the present moment.
            since: what counts while none has succeeded, such as the start of the server.
        """
        last = since if self.last_done is None else self.last_done.started_at
        return now >= last + 2 * every
