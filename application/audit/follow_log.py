"""Going through the audit log once, a stretch at a time, and keeping what comes of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

from application.audit.check_tip import check_tip
from application.turn import Stopping, Turns
from domain.errors import LostRace
from domain.ports.pace import Pace
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

FOLLOWING = "following"
"""Under this name alerts and changes follow."""

BATCH = 1000
"""Entries that are worked on in one transaction; callers' writes wait for it."""

LEASE = timedelta(minutes=1)

T = TypeVar("T")
Fold = Callable[[int, int], Callable[[Session], T]]
"""Prepares the entries behind a number, up to another; what it returns is done in the transaction
that moves on."""


class FollowLog(Generic[T]):
    """Hands each stretch to the fold once: what it writes and the position are one transaction.

    So a crash at any moment repeats nothing and leaves nothing out. The lease saves work; that two
    processes never keep the same stretch is seen to by the position itself.
    """

    def __init__(
        self,
        *,
        name: str,
        storage: Storage,
        turns: Turns,
        macs: TipMac,
        pace: Pace,
        fold: Fold[T],
        told: Callable[[T], object] = lambda _: None,
        batch: int = BATCH,
    ) -> None:
        """Take the fold.

        Args:
            name: that of the position, and of the lease.
            storage: where the log is.
            turns: whose turn it is.
            macs: vouches for the tip; nothing behind it is handed out.
            pace: how hard to work.
            fold: what is done with each stretch.
            told: is shown what comes of a stretch once that is durable.
            batch: entries in a stretch.
        """
        self._name = name
        self._storage = storage
        self._turns = turns
        self._macs = macs
        self._pace = pace
        self._fold = fold
        self._told = told
        self._batch = batch

    def __call__(self, stopping: Stopping) -> None:
        """Go on to the end of the log.

        Raises:
            StrongroomError: a stretch could not be folded, or nobody vouches for the log; it is
                tried again the next time.
        """
        after, size = self._storage.read(self._where).result()
        if after >= size:
            return
        with self._turns.taken(self._name, LEASE) as ours:
            if ours:
                self._follow(after, size, stopping)

    def _where(self, session: Session) -> tuple[int, int]:
        """Return the position, and where the log ends, which must be vouched for."""
        after, size = session.feed_positions.of(self._name), session.audit_tree.state().size
        if after < size:
            check_tip(session, self._macs)
        return after, size

    def _follow(self, after: int, size: int, stopping: Stopping) -> None:
        """Fold up to an end, as long as the turn is ours."""
        ours = True
        self._pace.begin()
        while ours and after < size and not stopping():
            upto = min(after + self._batch, size)
            step = partial(self._step, after, upto, self._fold(after, upto))
            try:
                came, ours = self._storage.write(step).result()
            except LostRace:
                return
            self._told(came)
            after = upto
            if after < size and not stopping():
                self._pace.rest()

    def _step(
        self, after: int, upto: int, keep: Callable[[Session], T], session: Session
    ) -> tuple[T, bool]:
        """Keep what comes of one stretch; tell whether the turn is still ours."""
        session.feed_positions.advance(self._name, after=after, to=upto)
        return keep(session), self._turns.keep(self._name, LEASE, session)
