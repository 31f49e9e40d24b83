"""Rotations in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql.tables import rotations
from domain.errors import LostRace
from domain.keys.rotation import Rotation
from domain.ports.rotation_repository import RotationRepository

_RUNNING = select(rotations).where(rotations.c.finished_at.is_(None))
_FIND = select(rotations).where(rotations.c.id == bindparam("number"))
_NEWEST = select(rotations).order_by(rotations.c.id.desc()).limit(bindparam("most"))
_INSERT = insert(rotations).returning(rotations.c.id)
_UPDATE = update(rotations).where(rotations.c.id == bindparam("at_id"))


class SqlRotationRepository(RotationRepository):
    """Keeps the table `rotations`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def running(self) -> Rotation | None:
        """Return the rotation that runs, or `None`."""
        row = self._connection.execute(_RUNNING).one_or_none()
        return None if row is None else _to_rotation(row)

    def find(self, number: int) -> Rotation | None:
        """Return the rotation with this id, or `None`."""
        row = self._connection.execute(_FIND, {"number": number}).one_or_none()
        return None if row is None else _to_rotation(row)

    def newest(self, *, limit: int) -> Sequence[Rotation]:
        """Return up to `limit` rotations, the newest first."""
        return [_to_rotation(row) for row in self._connection.execute(_NEWEST, {"most": limit})]

    def add(self, rotation: Rotation) -> Rotation:
        """Keep a new rotation and return it with its id.

        Raises:
            LostRace: another one runs.
        """
        try:
            number = self._connection.execute(_INSERT, _to_row(rotation)).scalar_one()
        except IntegrityError as error:
            raise LostRace from error
        return replace(rotation, id=number)

    def replace(self, rotation: Rotation) -> None:
        """Write everything of a rotation that is kept already."""
        self._connection.execute(_UPDATE, _to_row(rotation) | {"at_id": rotation.id})


def _to_row(rotation: Rotation) -> dict[str, object]:
    """Write a rotation out."""
    return {
        "new_key": rotation.new_key,
        "old_keys": " ".join(rotation.old_keys),
        "cipher": rotation.cipher,
        "total": rotation.total,
        "resealed": rotation.resealed,
        "unreadable": rotation.unreadable,
        "started_at": rotation.started_at,
        "started_by": rotation.started_by,
        "finished_at": rotation.finished_at,
        "receipt": rotation.receipt,
    }


def _to_rotation(row: Row[*tuple[Any, ...]]) -> Rotation:
    """Read a rotation out of its row."""
    return Rotation(
        id=row.id,
        new_key=row.new_key,
        old_keys=tuple(row.old_keys.split()),
        cipher=row.cipher,
        total=row.total,
        resealed=row.resealed,
        unreadable=row.unreadable,
        started_at=row.started_at,
        started_by=row.started_by,
        finished_at=row.finished_at,
        receipt=row.receipt,
    )
