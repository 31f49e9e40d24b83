"""What erased entries have left of access, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, delete, insert, select

from adapters.sql.audit_tables import audit_left
from domain.audit.left_behind import LeftBehind
from domain.ports.access_left import AccessLeft

_ALL = select(audit_left).order_by(audit_left.c.thing)
_INSERT = insert(audit_left).inline()
_DROP = delete(audit_left).where(audit_left.c.thing == bindparam("gone"))


class SqlAccessLeft(AccessLeft):
    """Keeps the table `audit_left`, whose columns are the fields."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def all(self) -> Sequence[LeftBehind]:
        """Return everything, ordered by the thing."""
        return [LeftBehind(**row) for row in self._connection.execute(_ALL).mappings()]

    def put(self, left: LeftBehind) -> None:
        """Keep what is left of a thing, in the place of what was known of it."""
        self.drop(left.thing)
        self._connection.execute(_INSERT, asdict(left))

    def drop(self, thing: str) -> None:
        """Forget a thing; one that is not known is passed over."""
        self._connection.execute(_DROP, {"gone": thing})
