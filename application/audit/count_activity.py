"""Counting how secrets are used, from the audit log and beside the service."""

from collections.abc import Callable
from datetime import UTC, timedelta

from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

COUNTING = "activity"
"""The name under which it is kept how far the counting has come, and of the lease."""

BATCH = 5000
"""Entries that are counted at once: the more, the fewer rows they come to, one for each secret, day
and principal among them. While those are written, whoever changes the store waits."""


class CountActivity:
    """Adds up a stretch of the log, for whoever follows it.

    The sums are made on a snapshot, so that no writer waits for them, and added later.
    """

    def __init__(self, *, storage: Storage) -> None:
        """Take where the log is."""
        self._storage = storage

    def __call__(self, after: int, upto: int) -> Callable[[Session], None]:
        """Sum up the entries behind a number, up to another; return what adds the sums."""
        counted = self._storage.read(
            lambda session: session.activity_ledger.counted(after=after, upto=upto)
        ).result()
        return lambda session: session.activity_ledger.add(counted)


class ForgetActivity:
    """Erases the counts that are too old."""

    def __init__(self, *, storage: Storage, clock: Clock, days: int) -> None:
        """Take for how many days counts are kept; 0 is for ever."""
        self._storage = storage
        self._clock = clock
        self._days = days

    def __call__(self) -> None:
        """Erase them.

        Raises:
            StorageUnavailable: the store is not available.
        """
        if self._days:
            self._storage.write(self._forget).result()

    def _forget(self, session: Session) -> None:
        """Erase the days before the last that are kept."""
        today = self._clock.now().astimezone(UTC).date()
        session.activity_ledger.forget(before=today - timedelta(days=self._days))


def pending(session: Session) -> int:
    """Return how many entries of the audit log are not counted yet."""
    return session.sightings.size() - session.feed_positions.of(COUNTING)
