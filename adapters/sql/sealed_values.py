"""Every sealed value in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select, update

from adapters.sql.tables import secret_versions, secrets
from domain.ports.sealed_values import SealedValues, StoredValue

_stored = secrets.c.encrypted_value
_NOT_BEGINNING = (
    select(secrets.c.id, secrets.c.uid, secrets.c.version, _stored)
    .where(
        secrets.c.id > bindparam("after"),
        func.substr(_stored, 1, bindparam("length")) != bindparam("prefix"),
    )
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)
_RESEAL = (
    update(secrets)
    .where(
        secrets.c.id == bindparam("of_id"),
        secrets.c.version == bindparam("number"),
        _stored == bindparam("before"),
    )
    .values(encrypted_value=bindparam("after"))
)


class SqlSealedValues(SealedValues):
    """Goes through the column `encrypted_value`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def not_beginning(self, prefix: str, *, after: int, limit: int) -> Sequence[StoredValue]:
        """Return newest values of secrets with ids above `after` without this prefix, by id."""
        rows = self._connection.execute(
            _NOT_BEGINNING,
            {"after": after, "prefix": prefix, "length": len(prefix), "most": limit},
        )
        return [
            StoredValue(secret_id=id_, uid=uid, version=version, sealed=sealed)
            for id_, uid, version, sealed in rows
        ]

    def any_beginning(self, prefix: str) -> bool:
        """Tell whether any stored value, newest or older, begins with the prefix."""
        return any(
            self._connection.execute(
                select(column).where(func.substr(column, 1, len(prefix)) == prefix).limit(1)
            ).first()
            for column in (_stored, secret_versions.c.encrypted_value)
        )

    def reseal(self, value: StoredValue, sealed: str) -> bool:
        """Put a new seal in the place of exactly this one; tell whether it was still there."""
        result = self._connection.execute(
            _RESEAL,
            {
                "of_id": value.secret_id,
                "number": value.version,
                "before": value.sealed,
                "after": sealed,
            },
        )
        return result.rowcount == 1
