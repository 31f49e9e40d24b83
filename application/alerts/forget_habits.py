"""Erasing what is remembered of callers who are gone, and of secrets that are."""

from datetime import UTC, date, timedelta

from application.turn import Stopping
from domain.ports.clock import Clock
from domain.ports.pace import Pace
from domain.ports.storage import Storage

BATCH = 500
"""First readings that are erased in one transaction; callers' writes wait for it."""


class ForgetHabits:
    """Keeps what the rules remember short: workloads come and go, each with a name of its own.

    Whoever reads again after so long is as new as at first. What can be erased is looked for on a
    snapshot, because that goes through everything.
    """

    def __init__(self, *, storage: Storage, clock: Clock, pace: Pace, days: int) -> None:
        """Take for how many days callers are remembered who read nothing; 0 is for ever."""
        self._storage = storage
        self._clock = clock
        self._pace = pace
        self._days = days

    def __call__(self, stopping: Stopping) -> None:
        """Erase it.

        Raises:
            StorageUnavailable: the store is not available.
        """
        before, more = self._before(), True
        self._pace.begin()
        while more and not stopping():
            more = self._forget(before)
            self._pace.rest()

    def _forget(self, before: date) -> bool:
        """Erase one batch; tell whether there may be more."""
        outlived = self._storage.read(
            lambda session: session.outlived_habits.find(before=before, limit=BATCH)
        ).result()
        self._storage.write(
            lambda session: session.outlived_habits.forget(outlived, before=before)
        ).result()
        return len(outlived) == BATCH

    def _before(self) -> date:
        """Return the first day that counts."""
        today = self._clock.now().astimezone(UTC).date()
        return today - timedelta(days=self._days) if self._days else date.min
