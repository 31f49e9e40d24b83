"""A PostgreSQL database that becomes the copy of another store in parts."""

import contextlib
from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, text

from adapters.sql import postgresql_schema, schema
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_copy import ONE_AT_A_TIME, transaction
from adapters.sql.postgresql_engine import open_engine
from adapters.sql.store_receiving import SqlStoreReceiving, mark, require_ours
from adapters.sql.store_rows import SqlStoreRows
from domain.errors import StartRefused
from domain.ports.store import StoreOptions
from domain.ports.store_move import StoreReceiving, UnfinishedCopy
from domain.ports.store_rows import StoreRows

MOVE_LOCK = postgresql_schema.UPGRADE_LOCK + 1
"""The number of the lock that one process at a time makes a copy under."""

_READ_COMMITTED = "ISOLATION LEVEL READ COMMITTED"
_SYNCHRONOUS = text(
    "SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
_SNAPSHOT = "ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def is_begun(address: Address, options: StoreOptions) -> bool:
    """Tell whether the database is a copy that is not finished."""
    try:
        postgresql_schema.inspect(address, options)
    except UnfinishedCopy:
        return True
    return False


@contextlib.contextmanager
def receiving(address: Address, options: StoreOptions, revision: str) -> Iterator[StoreReceiving]:
    """Go on with the copy in a database, or make tables there that have no rows.

    Raises:
        StartRefused: a finished store is there, another process is making a copy here, or one was
            begun with another revision.
        StorageUnavailable: it cannot be written now.
    """
    # Held by a transaction that does nothing else: pools keep no locks of a session.
    with transaction(address, options, _READ_COMMITTED) as lock:
        if not lock.execute(ONE_AT_A_TIME, {"number": MOVE_LOCK}).scalar_one():
            raise StartRefused("another process is copying into this database")
        if not is_begun(address, options):
            _begin(address, options)
        with open_engine(address, options).connect() as connection:
            require_ours(connection, revision)
            yield SqlStoreReceiving(connection, partial(_snapshot, address, options), _durable)


def _durable(connection: Connection) -> None:
    """Have a commit, and with it those before it, on a disk whatever the server is set to."""
    connection.execute(_SYNCHRONOUS)


def _begin(address: Address, options: StoreOptions) -> None:
    """Make the tables, and mark them with the same transaction.

    A server that starts meanwhile waits for the lock before it looks at the tables once more.
    """
    with transaction(address, options, _READ_COMMITTED) as connection:
        number = postgresql_schema.UPGRADE_LOCK
        if not connection.execute(ONE_AT_A_TIME, {"number": number}).scalar_one():
            raise StartRefused("another process is making or upgrading this store")
        if postgresql_schema.revision(connection) is not None:
            raise StartRefused("there is a store in this database; name an empty one")
        schema.migrate_to(connection, schema.HEAD)
        mark(connection)
        connection.execute(text("COMMIT"))


@contextlib.contextmanager
def _snapshot(address: Address, options: StoreOptions) -> Iterator[StoreRows]:
    """Look at the database in one transaction."""
    with transaction(address, options, _SNAPSHOT) as connection:
        yield SqlStoreRows(connection, schema.HEAD)
