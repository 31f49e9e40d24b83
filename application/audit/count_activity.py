"""Counting how secrets are used, from the audit log and beside the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial

from application.turn import Stopping, Turns
from domain.audit.activity import Activity
from domain.ports.clock import Clock
from domain.ports.pace import Pace
from domain.ports.storage import Session, Storage

COUNTING = "activity"
"""The name under which it is kept how far the counting has come, and of the lease."""

BATCH = 5000
"""Entries that are counted at once; what is written afterwards is a row for each secret, day and
principal among them."""

LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Entries behind `after` up to `upto`, and what they amount to."""

    after: int
    upto: int
    activities: Sequence[Activity]


class CountActivity:
    """Adds up what is new in the log. One process at a time counts.

    The sums are made on a snapshot, so that no writer waits for them. They are added in one
    transaction with the number up to which was counted, and only if that is still the one they
    began behind: nothing is counted twice, whoever dies when, and whoever counts beside.
    """

    def __init__(
        self, *, storage: Storage, clock: Clock, turns: Turns, pace: Pace, days: int
    ) -> None:
        """Take for how many days counts are kept; 0 is for ever."""
        self._storage = storage
        self._clock = clock
        self._turns = turns
        self._pace = pace
        self._days = days

    def __call__(self, stopping: Stopping) -> None:
        """Count until nothing is new, and forget what is too old.

        Raises:
            StorageUnavailable: the store is not available; what was counted is kept.
        """
        if self._storage.read(_next).result() is None:
            return
        with self._turns.taken(COUNTING, LEASE) as ours:
            while ours and not stopping() and self._count():
                self._pace.rest()
            if ours and self._days:
                self._storage.write(self._forget).result()

    def _count(self) -> bool:
        """Count one batch; tell whether there was one, and nobody else counted it."""
        batch = self._storage.read(_next).result()
        if batch is None:
            return False
        return self._storage.write(partial(self._add, batch)).result()

    def _add(self, batch: Batch, session: Session) -> bool:
        """Keep the sums and the position, and the lease."""
        if session.feed_positions.of(COUNTING) != batch.after:
            return False
        session.activity_ledger.add(batch.activities)
        session.feed_positions.move(COUNTING, batch.upto)
        return self._turns.keep(COUNTING, LEASE, session)

    def _forget(self, session: Session) -> None:
        """Erase what is too old."""
        today = self._clock.now().astimezone(UTC).date()
        session.activity_ledger.forget(before=today - timedelta(days=self._days))


def pending(session: Session) -> int:
    """Return how many entries of the audit log are not counted yet."""
    return session.audit_tree.state().size - session.feed_positions.of(COUNTING)


def _next(session: Session) -> Batch | None:
    """Sum up what comes next, or return `None` when everything was counted."""
    after = session.feed_positions.of(COUNTING)
    upto = min(session.audit_tree.state().size, after + BATCH)
    if upto <= after:
        return None
    counted = session.activity_ledger.counted(after=after, upto=upto)
    return Batch(after=after, upto=upto, activities=counted)
