"""Every sealed value in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, tuple_, update

from adapters.sql.tables import data_key_of, secret_versions, secrets
from domain.ports.sealed_values import SealedValues, StoredValue
from domain.secrets.secret import MAX_ID

_FIRST = -MAX_ID - 1
"""Behind this stands everything: an earlier backend may have given out ids below 1."""

_newest = secrets.c.encrypted_value
_earlier = secret_versions.c.encrypted_value
_NOT_BEGINNING = (
    select(secrets.c.id, secrets.c.uid, secrets.c.version, _newest)
    .where(
        secrets.c.id > bindparam("after"),
        func.substr(_newest, 1, bindparam("length")) != bindparam("prefix"),
    )
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)
_NEWEST_UNDER = (
    select(secrets.c.id, secrets.c.uid, secrets.c.version, _newest)
    .where(data_key_of(_newest) == bindparam("key_id"), secrets.c.id > bindparam("after"))
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)
_place = (secret_versions.c.secret_id, secret_versions.c.version)
_EARLIER_UNDER = (
    select(secret_versions.c.secret_id, secrets.c.uid, secret_versions.c.version, _earlier)
    .join_from(secret_versions, secrets, secrets.c.id == secret_versions.c.secret_id)
    .where(
        data_key_of(_earlier) == bindparam("key_id"),
        tuple_(*_place) > tuple_(bindparam("after"), bindparam("after_version")),
    )
    .order_by(*_place)
    .limit(bindparam("most"))
)
_NEWEST = (
    select(secrets.c.id, secrets.c.uid, secrets.c.version, _newest)
    .where(secrets.c.id > bindparam("after"))
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)
_EARLIER = (
    select(secret_versions.c.secret_id, secrets.c.uid, secret_versions.c.version, _earlier)
    .join_from(secret_versions, secrets, secrets.c.id == secret_versions.c.secret_id)
    .where(
        _earlier.is_not(None),
        tuple_(*_place) > tuple_(bindparam("after"), bindparam("after_version")),
    )
    .order_by(*_place)
    .limit(bindparam("most"))
)
_COUNTS = [
    select(func.count()).select_from(table).where(data_key_of(column) == bindparam("key_id"))
    for table, column in ((secrets, _newest), (secret_versions, _earlier))
]
_RESEAL_NEWEST = (
    update(secrets)
    .where(
        secrets.c.id == bindparam("of_id"),
        secrets.c.version == bindparam("number"),
        _newest == bindparam("before"),
    )
    .values(encrypted_value=bindparam("after"))
)
_RESEAL_EARLIER = (
    update(secret_versions)
    .where(
        secret_versions.c.secret_id == bindparam("of_id"),
        secret_versions.c.version == bindparam("number"),
        _earlier == bindparam("before"),
    )
    .values(encrypted_value=bindparam("after"))
)


class SqlSealedValues(SealedValues):
    """Goes through the columns `encrypted_value`, by the index over their data keys."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def not_beginning(self, prefix: str, *, after: int, limit: int) -> Sequence[StoredValue]:
        """Return newest values of secrets with ids above `after` without this prefix, by id."""
        rows = self._connection.execute(
            _NOT_BEGINNING,
            {"after": after, "prefix": prefix, "length": len(prefix), "most": limit},
        )
        return [_stored(row, newest=True) for row in rows]

    def any_beginning(self, prefix: str) -> bool:
        """Tell whether any stored value, newest or older, begins with the prefix."""
        return any(
            self._connection.execute(
                select(column).where(func.substr(column, 1, len(prefix)) == prefix).limit(1)
            ).first()
            for column in (_newest, _earlier)
        )

    def under(self, key_id: str, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values sealed under a data key, which stand behind `after`."""
        return self._behind(after, limit, _NEWEST_UNDER, _EARLIER_UNDER, key_id=key_id)

    def page(self, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values, whatever they are sealed under, which stand behind `after`."""
        return self._behind(after, limit, _NEWEST, _EARLIER)

    def _behind(
        self,
        after: StoredValue | None,
        limit: int,
        newest: Select[Any],
        earlier: Select[Any],
        **filters: str,
    ) -> Sequence[StoredValue]:
        """Run the statement of newest values, and where that gives too few the other one."""
        found: list[StoredValue] = []
        if after is None or after.newest:
            place = {"after": _FIRST if after is None else after.secret_id}
            rows = self._connection.execute(newest, {**filters, **place, "most": limit})
            found = [_stored(row, newest=True) for row in rows]
            after = None
        if len(found) < limit:
            place = {
                "after": _FIRST if after is None else after.secret_id,
                "after_version": 0 if after is None else after.version,
            }
            most = limit - len(found)
            rows = self._connection.execute(earlier, {**filters, **place, "most": most})
            found += [_stored(row, newest=False) for row in rows]
        return found

    def count_under(self, key_id: str) -> int:
        """Return how many values, newest and earlier, are sealed under a data key."""
        return sum(
            self._connection.execute(count, {"key_id": key_id}).scalar_one() for count in _COUNTS
        )

    def reseal(self, resealed: Sequence[tuple[StoredValue, str]]) -> int:
        """Put new seals in the places of exactly these values; return how many were there."""
        return sum(
            self._connection.execute(statement, rows).rowcount
            for statement, newest in ((_RESEAL_NEWEST, True), (_RESEAL_EARLIER, False))
            if (rows := [_exchange(*pair) for pair in resealed if pair[0].newest is newest])
        )


def _stored(row: Row[*tuple[Any, ...]], *, newest: bool) -> StoredValue:
    """Read a value out of its row."""
    secret_id, uid, version, sealed = row
    return StoredValue(secret_id=secret_id, uid=uid, version=version, newest=newest, sealed=sealed)


def _exchange(value: StoredValue, sealed: str) -> dict[str, object]:
    """Write out one exchange."""
    return {
        "of_id": value.secret_id, "number": value.version, "before": value.sealed, "after": sealed,
    }  # fmt: skip
