"""Secrets on PostgreSQL: those that readings of one snapshot will look for are found at once."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.sql.prepared import Columns
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets
from domain.secrets.reference import ByName, Reference, SecretId
from domain.secrets.secret import Secret

_LIVING = select(*COLUMNS).where(secrets.c.deleted_at.is_(None))
_BY_IDS = Statement(
    _LIVING.where(secrets.c.id == any_(bindparam("asked", type_=ARRAY(BigInteger))))
)
_BY_NAMES = Statement(_LIVING.where(secrets.c.name == any_(bindparam("asked", type_=ARRAY(Text)))))

_ID, _NAME = COLUMNS.index(secrets.c.id), COLUMNS.index(secrets.c.name)


class PostgresqlSecrets(SqlSecretRepository):
    """Remembers rows for as long as the snapshot lasts, of which nothing else can come."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        super().__init__(connection)
        self._by_ids = _BY_IDS.on(connection)
        self._by_names = _BY_NAMES.on(connection)
        self._foreseen: dict[Reference, Columns | None] = {}

    def foresee(self, references: Collection[Reference]) -> None:
        """Find secrets, those by id and those by name with one statement each.

        Raises:
            StorageUnavailable: they cannot be found, or one of them cannot be read.
        """
        ids = [one.number for one in references if isinstance(one, SecretId)]
        names = [one.text for one in references if isinstance(one, ByName)]
        found: dict[Reference, Columns | None] = dict.fromkeys(references)
        if ids:
            rows = self._by_ids.all({"asked": list(dict.fromkeys(ids))})
            found |= {SecretId(row[_ID]): row for row in rows}
        if names:
            rows = self._by_names.all({"asked": list(dict.fromkeys(names))})
            found |= {ByName(row[_NAME]): row for row in rows}
        self._foreseen = found

    def forget(self) -> None:
        """Let go of what was found: the snapshot ends."""
        self._foreseen = {}

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if reference not in self._foreseen:
            return super().find(reference)
        row = self._foreseen[reference]
        return None if row is None else to_secret(row)
