"""Secrets by their dates, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.tables import secrets
from domain.ports.deadlines import Deadlines
from domain.secrets.secret import Secret

_LIVING = select(*COLUMNS).where(secrets.c.deleted_at.is_(None)).limit(bindparam("most"))
_EXPIRING = _LIVING.where(
    secrets.c.expires_at > bindparam("after"), secrets.c.expires_at <= bindparam("until")
).order_by(secrets.c.expires_at, secrets.c.id)
_UNCHANGED = _LIVING.where(secrets.c.value_set_at < bindparam("since")).order_by(
    secrets.c.value_set_at, secrets.c.id
)


class SqlDeadlines(Deadlines):
    """Reads the table `secrets`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def expiring(self, *, after: datetime, until: datetime, limit: int) -> Sequence[Secret]:
        """Return those that expire between two moments, the first to expire first."""
        given = {"after": after, "until": until, "most": limit}
        return [to_secret(row) for row in self._connection.execute(_EXPIRING, given)]

    def unchanged(self, *, since: datetime, limit: int) -> Sequence[Secret]:
        """Return those whose value was set before a moment, the oldest value first."""
        rows = self._connection.execute(_UNCHANGED, {"since": since, "most": limit})
        return [to_secret(row) for row in rows]
