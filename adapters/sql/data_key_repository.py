"""Wrapped data keys in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, bindparam, insert, select

from adapters.sql.tables import data_keys
from domain.keys.data_key import DataKey, KeyState
from domain.ports.data_key_repository import DataKeyRepository

_ALL = select(data_keys).order_by(data_keys.c.created_at, data_keys.c.id)
_ACTIVE = select(data_keys).where(data_keys.c.state == KeyState.ACTIVE.value)
_BY_ID = select(data_keys).where(data_keys.c.id == bindparam("key_id"))
_INSERT = insert(data_keys)


class SqlDataKeyRepository(DataKeyRepository):
    """Keeps data keys in the table `data_keys`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def active(self) -> DataKey | None:
        """Return the key for new values, or `None`."""
        row = self._connection.execute(_ACTIVE).one_or_none()
        return None if row is None else _to_key(row)

    def find(self, key_id: str) -> DataKey | None:
        """Return the key with this id, or `None`."""
        row = self._connection.execute(_BY_ID, {"key_id": key_id}).one_or_none()
        return None if row is None else _to_key(row)

    def all(self) -> Sequence[DataKey]:
        """Return every key, oldest first."""
        return [_to_key(row) for row in self._connection.execute(_ALL)]

    def add(self, key: DataKey) -> None:
        """Keep a new key."""
        self._connection.execute(
            _INSERT,
            {
                "id": key.id,
                "state": key.state.value,
                "wrapped": key.wrapped,
                "created_at": key.created_at,
            },
        )


def _to_key(row: Row[tuple[object, ...]]) -> DataKey:
    """Read a data key out of its row."""
    return DataKey(
        id=row.id, state=KeyState(row.state), created_at=row.created_at, wrapped=row.wrapped
    )
