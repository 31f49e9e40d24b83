"""Secrets on PostgreSQL: of those that readings will look for, the next few are found at once."""

import contextlib
from collections import deque
from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.sql.prepared import Columns
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets
from domain.errors import StorageUnavailable
from domain.secrets.reference import ByName, Reference, SecretId
from domain.secrets.secret import Secret

TOGETHER = 20
"""Secrets that are found at once. They are in memory together, and a value may be large."""

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
        self._ahead: deque[Reference] = deque()
        self._foreseen: dict[Reference, Columns | None] = {}

    def foresee(self, references: Collection[Reference]) -> None:
        """Find the first of these secrets, and each next few when it is their turn.

        Raises:
            StorageUnavailable: they cannot be found, or one of them cannot be read.
        """
        self._ahead = deque(dict.fromkeys(references))
        self._look()

    def forget(self) -> None:
        """Let go of what was found: the snapshot ends."""
        self._ahead.clear()
        self._foreseen = {}

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if reference not in self._foreseen and reference in self._ahead:
            while self._ahead[0] != reference:
                self._ahead.popleft()  # of a reading that came to nothing
            # What is wrong with one of them is met again by whoever it concerns.
            with contextlib.suppress(StorageUnavailable):
                self._look()
        if reference not in self._foreseen:
            return super().find(reference)
        row = self._foreseen[reference]
        return None if row is None else to_secret(row)

    def _look(self) -> None:
        """Find the next few, those by id and those by name with one statement each."""
        some = [self._ahead.popleft() for _ in range(min(TOGETHER, len(self._ahead)))]
        self._foreseen = {}
        ids = [one.number for one in some if isinstance(one, SecretId)]
        names = [one.text for one in some if isinstance(one, ByName)]
        found: dict[Reference, Columns | None] = dict.fromkeys(some)
        if ids:
            found |= {SecretId(row[_ID]): row for row in self._by_ids.all({"asked": ids})}
        if names:
            found |= {ByName(row[_NAME]): row for row in self._by_names.all({"asked": names})}
        self._foreseen = found
