"""A PostgreSQL database as a store: found by its URL, brought up to date, opened and watched."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import structlog

from adapters.sql import (
    postgresql_copy,
    postgresql_examination,
    postgresql_move,
    postgresql_schema,
)
from adapters.sql.postgresql import PostgresqlStorage
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_look import PostgresqlLook
from domain.errors import StorageUnavailable
from domain.health.finding import Finding
from domain.ports.storage import Storage
from domain.ports.store import Store, StoreOptions, StoreState
from domain.ports.store_copy import StoreCopy
from domain.ports.store_examination import StoreExamination
from domain.ports.store_move import StoreMove, StoreReceiving
from domain.ports.store_rows import StoreFilling, StoreRows

_log = structlog.get_logger("strongroom")


class PostgresqlStore(Store, StoreExamination, StoreCopy, StoreMove):
    """One database, which any number of servers may have open."""

    def __init__(self, address: Address, options: StoreOptions | None = None) -> None:
        """Take where the database is."""
        self._address = address
        self._options = options or StoreOptions()

    @classmethod
    def at(cls, url: str, options: StoreOptions) -> "PostgresqlStore":
        """Return the store of the URL `postgresql://user:password@host:5432/database`.

        Raises:
            StartRefused: the URL has another form.
        """
        return cls(Address.parse(url), options)

    @property
    def is_shared(self) -> bool:
        """Return `True`: the server keeps processes apart."""
        return True

    def inspect(self) -> StoreState:
        """Look at the database and change nothing.

        Raises:
            StartRefused: it cannot be reached or read, or its tables are not ours.
        """
        return postgresql_schema.inspect(self._address, self._options)

    def upgrade(self) -> str | None:
        """Bring the tables to the newest revision. Copies are the business of whoever runs it.

        Raises:
            StartRefused: the tables cannot be changed now; they are as they were.
        """
        if not self._address.is_local and not self._address.is_encrypted:
            _log.warning(
                "the connection to the database may be in the clear; add sslmode=verify-full to"
                " 'database_url'"
            )
        postgresql_schema.upgrade(self._address, self._options)
        return None

    def open(self) -> PostgresqlStorage:
        """Open the database."""
        return PostgresqlStorage(self._address, self._options)

    def examine(self, *, full: bool) -> Sequence[Finding]:
        """Return what is wrong with the connection, the server's settings and the tables."""
        return postgresql_examination.examine(self._address, self._options)

    def open_to_look(self) -> Storage:
        """Open the database for reading."""
        return PostgresqlLook(self.open())

    def snapshot(self) -> AbstractContextManager[StoreRows]:
        """Look at the database in one transaction."""
        return postgresql_copy.snapshot(self._address, self._options)

    def filling(
        self, revision: str, *, replace: bool = False
    ) -> AbstractContextManager[StoreFilling]:
        """Make the tables and fill them in one transaction."""
        return postgresql_copy.filling(self._address, self._options, revision, replace=replace)

    def is_begun(self) -> bool:
        """Tell whether the database is a copy that is not finished."""
        return postgresql_move.is_begun(self._address, self._options)

    def receiving(self, revision: str) -> AbstractContextManager[StoreReceiving]:
        """Make the database a copy in parts."""
        return postgresql_move.receiving(self._address, self._options, revision)

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """Return the check of the tables' revision."""
        return {"schema": self._check_schema}

    def _check_schema(self) -> None:
        """See that no other process has left the tables at another revision."""
        if not self.inspect().is_current:
            raise StorageUnavailable("the schema is not current")
