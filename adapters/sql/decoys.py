"""Tripwires in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from adapters.sql.alert_tables import decoys
from domain.ports.decoys import Decoy, Decoys

_FIND = select(decoys).where(decoys.c.secret_uid == bindparam("uid"))
_REMOVE = delete(decoys).where(decoys.c.secret_uid == bindparam("uid"))
_ALL = select(decoys).order_by(decoys.c.name, decoys.c.secret_uid)


class SqlDecoys(Decoys):
    """Keeps the table `decoys`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, uid: bytes) -> Decoy | None:
        """Return the tripwire, or `None`."""
        row = self._connection.execute(_FIND, {"uid": uid}).one_or_none()
        return None if row is None else _decoy(row)

    def put(self, decoy: Decoy) -> None:
        """Make a secret a tripwire, or keep what is known of one."""
        self.remove(decoy.uid)
        self._connection.execute(
            insert(decoys),
            {
                "secret_uid": decoy.uid, "name": decoy.name, "after": decoy.after,
                "set_at": decoy.set_at, "set_by": decoy.set_by,
            },
        )  # fmt: skip

    def remove(self, uid: bytes) -> bool:
        """Have a secret be one no longer; tell whether it was."""
        return self._connection.execute(_REMOVE, {"uid": uid}).rowcount == 1

    def all(self) -> Sequence[Decoy]:
        """Return all tripwires, by name."""
        return [_decoy(row) for row in self._connection.execute(_ALL)]


def _decoy(row: Row[*tuple[Any, ...]]) -> Decoy:
    """Read a tripwire out of its row."""
    return Decoy(
        uid=row.secret_uid, name=row.name, after=row.after, set_at=row.set_at, set_by=row.set_by
    )
