"""Checkpoints in SQL."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from adapters.sql.audit_tables import audit_checkpoints
from domain.audit.checkpoint import Checkpoint
from domain.errors import LostRace
from domain.ports.checkpoints import Checkpoints

_NAMES = [field.name for field in fields(Checkpoint)]
_INSERT = insert(audit_checkpoints).inline()
_NEWEST = select(audit_checkpoints).order_by(audit_checkpoints.c.size.desc()).limit(1)
_AFTER = (
    select(audit_checkpoints)
    .where(audit_checkpoints.c.size > bindparam("above"))
    .order_by(audit_checkpoints.c.size)
    .limit(bindparam("most"))
)


class SqlCheckpoints(Checkpoints):
    """Keeps the table `audit_checkpoints`, whose columns are the fields."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint.

        Raises:
            LostRace: there is one of this size.
        """
        try:
            self._connection.execute(_INSERT, {name: getattr(checkpoint, name) for name in _NAMES})
        except IntegrityError as error:
            raise LostRace from error

    def newest(self) -> Checkpoint | None:
        """Return the one of the largest size, or `None`."""
        row = self._connection.execute(_NEWEST).mappings().one_or_none()
        return None if row is None else Checkpoint(**row)

    def after(self, size: int, *, limit: int) -> Sequence[Checkpoint]:
        """Return up to `limit` checkpoints of sizes above `size`, in order."""
        rows = self._connection.execute(_AFTER, {"above": size, "most": limit}).mappings()
        return [Checkpoint(**row) for row in rows]
