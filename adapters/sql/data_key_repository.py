"""Wrapped data keys in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from adapters.sql.prepared import Columns
from adapters.sql.statements import Statement
from adapters.sql.tables import data_keys
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.ports.data_key_repository import DataKeyRepository

_COLUMNS = (
    data_keys.c.id, data_keys.c.purpose, data_keys.c.state, data_keys.c.created_at,
    data_keys.c.retired_at, data_keys.c.destroyed_at, data_keys.c.wrapped,
)  # fmt: skip
_ALL = select(*_COLUMNS).order_by(data_keys.c.created_at, data_keys.c.id)
_BY_ID = select(*_COLUMNS).where(data_keys.c.id == bindparam("key_id"))
_INSERT = insert(data_keys)
_UPDATE = update(data_keys).where(data_keys.c.id == bindparam("key_id"))


def _to_key(row: Columns) -> DataKey:
    """Read a data key out of its row."""
    key_id, purpose, state, created_at, retired_at, destroyed_at, wrapped = row
    return DataKey(
        id=key_id,
        purpose=KeyPurpose(purpose),
        state=KeyState(state),
        created_at=created_at,
        retired_at=retired_at,
        destroyed_at=destroyed_at,
        wrapped=wrapped,
    )


_ACTIVE = Statement(
    select(*_COLUMNS).where(
        # Written out, as in the index: for a parameter SQLite would plan anew each time.
        data_keys.c.state == literal_column(f"'{KeyState.ACTIVE.value}'"),
        data_keys.c.purpose == bindparam("of_purpose"),
    ),
    read=_to_key,
)


class SqlDataKeyRepository(DataKeyRepository):
    """Keeps data keys in the table `data_keys`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._active = _ACTIVE.on(connection)

    def active(self, purpose: KeyPurpose = KeyPurpose.SEAL) -> DataKey | None:
        """Return the active key of a purpose, or `None`."""
        key: DataKey | None = self._active.read({"of_purpose": purpose.value})
        return key

    def find(self, key_id: str) -> DataKey | None:
        """Return the key with this id, or `None`."""
        row = self._connection.execute(_BY_ID, {"key_id": key_id}).one_or_none()
        return None if row is None else _to_key(row)

    def all(self) -> Sequence[DataKey]:
        """Return every key, oldest first."""
        return [_to_key(row) for row in self._connection.execute(_ALL)]

    def add(self, key: DataKey) -> None:
        """Keep a new key."""
        self._connection.execute(_INSERT, {"id": key.id, **_to_row(key)})

    def replace(self, key: DataKey) -> None:
        """Write everything of a key that is kept already."""
        self._connection.execute(_UPDATE, {"key_id": key.id, **_to_row(key)})


def _to_row(key: DataKey) -> dict[str, object]:
    """Write out everything of a data key but its id."""
    return {
        "purpose": key.purpose.value,
        "state": key.state.value,
        "wrapped": key.wrapped,
        "created_at": key.created_at,
        "retired_at": key.retired_at,
        "destroyed_at": key.destroyed_at,
    }
