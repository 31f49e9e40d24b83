"""Erasing what is remembered of callers, in SQL."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, delete, exists, or_, select

from adapters.sql.alert_tables import first_reads, habits
from adapters.sql.tables import secrets
from domain.ports.outlived_habits import FirstRead, OutlivedHabits

_AWAY = habits.c.last_day < bindparam("before")
_OF_CALLER = habits.c.principal == first_reads.c.principal
_FIND = (
    select(first_reads.c.principal, first_reads.c.secret_uid)
    .where(
        or_(
            ~exists().where(secrets.c.uid == first_reads.c.secret_uid),
            exists().where(_OF_CALLER, _AWAY),
        )
    )
    .order_by(first_reads.c.principal, first_reads.c.secret_uid)
    .limit(bindparam("most"))
)
_FORGET_READ = delete(first_reads).where(
    first_reads.c.principal == bindparam("of"), first_reads.c.secret_uid == bindparam("uid")
)
_FORGET_HABITS = delete(habits).where(_AWAY, ~exists().where(_OF_CALLER))


class SqlOutlivedHabits(OutlivedHabits):
    """Works on the tables `habits` and `first_reads`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, *, before: date, limit: int) -> Sequence[FirstRead]:
        """Return up to `limit` first readings that are of no use."""
        given = {"before": before.toordinal(), "most": limit}
        return [(caller, uid) for caller, uid in self._connection.execute(_FIND, given)]

    def forget(self, outlived: Sequence[FirstRead], *, before: date) -> None:
        """Erase first readings, and the habits of callers who read nothing since a day."""
        if outlived:
            rows = [{"of": caller, "uid": uid} for caller, uid in outlived]
            self._connection.execute(_FORGET_READ, rows)
        self._connection.execute(_FORGET_HABITS, {"before": before.toordinal()})
