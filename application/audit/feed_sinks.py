"""Handing the log over to its sinks, beside the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from application.audit.written import written
from application.turn import Stopping, Turns
from domain.audit.encoding import record_line
from domain.ports.audit_sink import AuditSink
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

BATCH = 500
"""Lines that are handed over at once."""

LEASE = timedelta(minutes=1)
"""After this time without a sign of life another process goes on."""

Numbered = Sequence[tuple[int, str]]
Source = Callable[[int, Session, TipMac], Numbered]
"""Gives the next lines behind a number, each with its own number, if the log is vouched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A sink and what flows into it."""

    sink: AuditSink
    source: Source


class FeedSinks:
    """Hands over what is new. The position is kept after that: nothing is lost, some comes twice.

    One process at a time feeds a sink. What a sink does not take stays in the log, and is handed
    over when it does.
    """

    def __init__(
        self, *, storage: Storage, turns: Turns, macs: TipMac, feeds: Sequence[Feed]
    ) -> None:
        """Take the feeds, and what vouches for the log that flows."""
        self._storage = storage
        self._macs = macs
        self._turns = turns
        self._feeds = feeds

    def __call__(self, stopping: Stopping) -> None:
        """Feed every sink until it has everything.

        Raises:
            StrongroomError: a sink or the store is not available, or the log is not as it was
                written; the other sinks were fed.
        """
        errors = []
        for feed in self._feeds:
            try:
                self._feed(feed, stopping)
            except Exception as error:  # noqa: BLE001  one sink must not keep another waiting
                errors.append(error)
        if errors:
            raise errors[0]

    def fed(self, session: Session) -> int | None:
        """Return the number that every sink of entries has, or `None` when there is none."""
        names = [feed.sink.name for feed in self._feeds if feed.source is entry_lines]
        return min((session.feed_positions.of(name) for name in names), default=None)

    def _feed(self, feed: Feed, stopping: Stopping) -> None:
        """Feed one sink."""
        name = feed.sink.name
        if not self._storage.read(partial(self._next, feed)).result():
            return
        with self._turns.taken(name, LEASE) as ours:
            while ours and not stopping() and self._hand_over(feed):
                pass

    def _hand_over(self, feed: Feed) -> bool:
        """Hand the next lines over; tell whether to go on."""
        lines = self._storage.read(partial(self._next, feed)).result()
        if not lines:
            return False
        feed.sink.write([line for _, line in lines])
        return self._storage.write(partial(self._move, feed.sink.name, lines[-1][0])).result()

    def _next(self, feed: Feed, session: Session) -> Numbered:
        """Return what a sink gets next."""
        return feed.source(session.feed_positions.of(feed.sink.name), session, self._macs)

    def _move(self, name: str, number: int, session: Session) -> bool:
        """Keep the position, and the lease; tell whether it is still ours."""
        session.feed_positions.move(name, number)
        return self._turns.keep(name, LEASE, session)


def entry_lines(after: int, session: Session, macs: TipMac) -> Numbered:
    """Return the canonical lines of the next entries, as they were written.

    Raises:
        Broken: one was changed since or is missing, or nobody vouches for the tip.
    """
    page = written(session, macs, after=after, limit=BATCH)
    return [(record.number, record_line(record)) for record in page]


def checkpoint_notes(after: int, session: Session, _: TipMac) -> Numbered:
    """Return the notes of the next checkpoints, which are signed themselves."""
    return [
        (found.size, found.note.removesuffix("\n"))
        for found in session.checkpoints.after(after, limit=BATCH)
    ]
