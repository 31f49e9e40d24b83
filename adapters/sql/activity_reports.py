"""Questions about the use of secrets, in SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from adapters.sql.activity_table import secret_activity
from adapters.sql.name_patterns import admitted
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.tables import secrets
from domain.access.name_filter import NameFilter
from domain.audit.activity import Activity, MostRead
from domain.ports.activity_reports import ActivityReports
from domain.secrets.secret import Secret

_kept, _secret = secret_activity.c, secrets.c
_OF = (
    select(secret_activity)
    .where(_kept.secret_uid == bindparam("of_uid"), _kept.day >= bindparam("since"))
    .order_by(_kept.day, _kept.principal)
)


class SqlActivityReports(ActivityReports):
    """Looks at the tables `secret_activity` and `secrets`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def of(self, uid: bytes, *, since: date) -> Sequence[Activity]:
        """Return the counts of one secret."""
        rows = self._connection.execute(_OF, {"of_uid": uid, "since": since})
        return [_to_activity(row) for row in rows]

    def most_read(self, names: NameFilter, *, since: date, limit: int) -> Sequence[MostRead]:
        """Return the secrets that were read most."""
        reads = func.sum(_kept.reads).label("reads")
        query = (
            select(
                _secret.id,
                _secret.name,
                reads,
                func.count(_kept.principal.distinct()).label("readers"),
                _secret.last_read_at,
            )
            .join_from(secret_activity, secrets, _kept.secret_uid == _secret.uid)
            .where(_kept.day >= since, _kept.reads > 0, _secret.deleted_at.is_(None))
            .where(admitted(names))
            .group_by(_secret.id, _secret.name, _secret.last_read_at)
            .order_by(reads.desc(), _secret.id)
            .limit(limit)
        )
        return [
            MostRead(
                id=row.id,
                name=row.name,
                reads=int(row.reads),  # a sum of whole numbers is a decimal in PostgreSQL
                readers=row.readers,
                last_read_at=row.last_read_at,
            )
            for row in self._connection.execute(query)
        ]

    def unread(
        self, names: NameFilter, *, since: datetime, after: int, limit: int
    ) -> Sequence[Secret]:
        """Return secrets that nobody read."""
        query = (
            select(*COLUMNS)
            .where(_secret.deleted_at.is_(None), _secret.id > after)
            .where(_secret.created_at < since)
            .where(or_(_secret.last_read_at.is_(None), _secret.last_read_at < since))
            .where(admitted(names))
            .order_by(_secret.id)
            .limit(limit)
        )
        return [to_secret(row) for row in self._connection.execute(query)]


def _to_activity(row: Row[*tuple[Any, ...]]) -> Activity:
    """Read one row."""
    return Activity(
        uid=row.secret_uid,
        day=row.day,
        principal=row.principal,
        reads=row.reads,
        changes=row.changes,
        denials=row.denials,
        last_at=row.last_at,
    )
