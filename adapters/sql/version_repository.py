"""Earlier values in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from adapters.sql.tables import secret_versions
from domain.ports.version_repository import VersionRepository
from domain.secrets.version import SecretVersion

_table = secret_versions.c
_HISTORY = (
    select(secret_versions).where(_table.secret_id == bindparam("of_id")).order_by(_table.version)
)
_ONE = (_table.secret_id == bindparam("of_id"), _table.version == bindparam("number"))
_FIND = select(secret_versions).where(*_ONE)
_INSERT = insert(secret_versions)
_DESTROY = (
    update(secret_versions)
    .where(*_ONE)
    .values(encrypted_value=None, destroyed_at=bindparam("moment"))
)


class SqlVersionRepository(VersionRepository):
    """Keeps earlier versions in the table `secret_versions`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def history(self, secret_id: int) -> Sequence[SecretVersion]:
        """Return the earlier versions, oldest first."""
        return [
            _to_version(row) for row in self._connection.execute(_HISTORY, {"of_id": secret_id})
        ]

    def find(self, secret_id: int, version: int) -> SecretVersion | None:
        """Return one earlier version, or `None`."""
        row = self._connection.execute(_FIND, {"of_id": secret_id, "number": version}).one_or_none()
        return None if row is None else _to_version(row)

    def add(self, version: SecretVersion) -> None:
        """Keep a version that has just been superseded."""
        self._connection.execute(
            _INSERT,
            {
                "secret_id": version.secret_id,
                "version": version.version,
                "encrypted_value": version.sealed,
                "created_at": version.created_at,
                "destroyed_at": version.destroyed_at,
            },
        )

    def destroy(self, secret_id: int, version: int, at: datetime) -> None:
        """Erase the value of a version and keep the fact that there was one."""
        self._connection.execute(_DESTROY, {"of_id": secret_id, "number": version, "moment": at})


def _to_version(row: Row[tuple[object, ...]]) -> SecretVersion:
    """Read a version out of its row."""
    return SecretVersion(
        secret_id=row.secret_id,
        version=row.version,
        created_at=row.created_at,
        destroyed_at=row.destroyed_at,
        sealed=row.encrypted_value,
    )
