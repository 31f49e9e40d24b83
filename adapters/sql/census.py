"""How much there is, in SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from adapters.sql.tables import secret_versions, secrets
from domain.ports.census import Census

_secret = secrets.c
_LIVING = select(func.count()).select_from(secrets).where(_secret.deleted_at.is_(None))
_DELETED = select(func.count()).select_from(secrets).where(_secret.deleted_at.is_not(None))
_VERSIONS = select(func.count()).select_from(secret_versions)
_EXPIRING = _LIVING.where(_secret.expires_at <= bindparam("upto"))


class SqlCensus(Census):
    """Counts rows."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def living(self) -> int:
        """Return how many secrets there are outside of the recycle bin."""
        return self._count(_LIVING)

    def deleted(self) -> int:
        """Return how many secrets lie in the recycle bin."""
        return self._count(_DELETED)

    def earlier_versions(self) -> int:
        """Return how many earlier versions are kept of all secrets, those destroyed included."""
        return self._count(_VERSIONS)

    def expiring(self, *, upto: datetime) -> int:
        """Return how many living secrets expire at or before a moment."""
        return self._count(_EXPIRING, upto=upto)

    def _count(self, query: Select[Any], **given: datetime) -> int:
        """Return the one number that a query gives."""
        return int(self._connection.execute(query, given).scalar_one())
