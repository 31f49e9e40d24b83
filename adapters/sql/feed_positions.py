"""The positions of feeds, in SQL."""

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql.audit_tables import feed_positions
from adapters.sql.statements import Statement
from domain.errors import LostRace
from domain.ports.feed_positions import FeedPositions

_OF = select(feed_positions.c.number).where(feed_positions.c.feed == bindparam("of_feed"))
_MOVE = (
    update(feed_positions)
    .where(feed_positions.c.feed == bindparam("of_feed"))
    .values(number=bindparam("to"))
)
_ADVANCE = Statement(_MOVE.where(feed_positions.c.number == bindparam("number_before")))
_FIRST = insert(feed_positions).inline()


class SqlFeedPositions(FeedPositions):
    """Keeps the table `feed_positions`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._advance = _ADVANCE.on(connection)

    def of(self, feed: str) -> int:
        """Return the last number that was handed over; 0 when there is none."""
        return self._connection.execute(_OF, {"of_feed": feed}).scalar_one_or_none() or 0

    def move(self, feed: str, number: int) -> None:
        """Keep the last number that was handed over."""
        if self._connection.execute(_MOVE, {"of_feed": feed, "to": number}).rowcount == 0:
            self._connection.execute(_FIRST, {"feed": feed, "number": number})

    def advance(self, feed: str, *, after: int, to: int) -> None:
        """Move on from a number, in one step with the look at it.

        Raises:
            LostRace: the position is another one; another process was faster.
        """
        given = {"of_feed": feed, "to": to, "number_before": after}
        if self._advance.run(given) == 1:
            return
        if after != 0:
            raise LostRace
        try:
            self._connection.execute(_FIRST, {"feed": feed, "number": to})
        except IntegrityError as error:
            raise LostRace from error
