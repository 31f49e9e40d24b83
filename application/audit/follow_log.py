"""Going through the audit log once, a stretch at a time, and keeping what comes of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

from application.turn import Stopping, Turns
from domain.errors import LostRace
from domain.ports.pace import Pace
from domain.ports.storage import Session, Storage

FOLLOWING = "following"
"""The name of the position and of the lease."""

BATCH = 500
"""Entries in one transaction; callers' writes wait for it."""

LEASE = timedelta(minutes=1)

T = TypeVar("T")
Fold = Callable[[Session, int, int], T]
"""Works on the entries behind a number, up to another, in the transaction that moves on."""


class FollowLog(Generic[T]):
    """Hands each stretch to the fold once: what it writes and the position are one transaction.

    So a crash at any moment repeats nothing and leaves nothing out. The lease saves work; that two
    processes never fold the same stretch is seen to by the position itself.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        turns: Turns,
        pace: Pace,
        fold: Fold[T],
        told: Callable[[T], object],
    ) -> None:
        """Take the fold; `told` is shown what comes of it once that is durable."""
        self._storage = storage
        self._turns = turns
        self._pace = pace
        self._fold = fold
        self._told = told

    def __call__(self, stopping: Stopping) -> None:
        """Go on to the end of the log.

        Raises:
            StrongroomError: a stretch could not be folded; it is tried again the next time.
        """
        after, size = self._storage.read(_where).result()
        if after >= size:
            return
        with self._turns.taken(FOLLOWING, LEASE) as ours:
            if ours:
                self._follow(after, size, stopping)

    def _follow(self, after: int, size: int, stopping: Stopping) -> None:
        """Fold up to an end, as long as the turn is ours."""
        ours = True
        while ours and after < size and not stopping():
            upto = min(after + BATCH, size)
            try:
                came, ours = self._storage.write(partial(self._step, after, upto)).result()
            except LostRace:
                return
            self._told(came)
            after = upto
            if after < size:
                self._pace.rest()

    def _step(self, after: int, upto: int, session: Session) -> tuple[T, bool]:
        """Fold one stretch; tell whether the turn is still ours."""
        session.feed_positions.advance(FOLLOWING, after=after, to=upto)
        return self._fold(session, after, upto), self._turns.keep(FOLLOWING, LEASE, session)


def _where(session: Session) -> tuple[int, int]:
    """Return the position, and where the log ends."""
    return session.feed_positions.of(FOLLOWING), session.sightings.size()
