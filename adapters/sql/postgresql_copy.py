"""A PostgreSQL store read whole, and made anew in one transaction."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, inspect, text

from adapters.sql import postgresql_schema, schema
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine
from adapters.sql.store_filling import SqlStoreFilling
from adapters.sql.store_rows import SqlStoreRows
from adapters.sql.tables import metadata
from domain.errors import StartRefused
from domain.ports.store import StoreOptions
from domain.ports.store_move import UnfinishedCopy
from domain.ports.store_rows import StoreFilling, StoreRows

_NO_TIMEOUTS = (
    # Whoever takes the rows may be slower than any bound for a request.
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
ONE_AT_A_TIME = text("SELECT pg_try_advisory_xact_lock(:number)")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name ="
    " current_setting('application_name')"
)


@contextlib.contextmanager
def snapshot(address: Address, options: StoreOptions) -> Iterator[StoreRows]:
    """Look at a database in one transaction, which sees one moment.

    Raises:
        StartRefused: there is no store, or not one of the newest form.
        StorageUnavailable: it cannot be read now.
    """
    with transaction(address, options, "ISOLATION LEVEL REPEATABLE READ, READ ONLY") as connection:
        if postgresql_schema.revision(connection) != schema.HEAD:
            raise StartRefused("there is no store of the newest form; run 'strongroom db upgrade'")
        yield SqlStoreRows(connection, schema.HEAD)


@contextlib.contextmanager
def filling(
    address: Address, options: StoreOptions, revision: str, *, replace: bool
) -> Iterator[StoreFilling]:
    """Make the tables and fill them in one transaction, so that they are there whole or not at all.

    Raises:
        StartRefused: a store is there and must not be replaced, somebody has it open, or the
            revision is not known.
        StorageUnavailable: it cannot be written now.
    """
    with transaction(address, options, "ISOLATION LEVEL READ COMMITTED") as connection:
        # A server that starts meanwhile waits for this lock before it makes tables.
        number = postgresql_schema.UPGRADE_LOCK
        if not connection.execute(ONE_AT_A_TIME, {"number": number}).scalar_one():
            raise StartRefused("another process is making or upgrading this store")
        _make_room(connection, replace=replace)
        schema.migrate_to(connection, revision)
        yield SqlStoreFilling(connection)
        schema.migrate_to(connection, schema.HEAD)
        connection.execute(text("COMMIT"))


@contextlib.contextmanager
def transaction(address: Address, options: StoreOptions, how: str) -> Iterator[Connection]:
    """Give a connection of its own in a transaction; what is not committed is undone."""
    engine = open_engine(address, options)
    with engine.connect() as connection:
        connection.execute(text(f"BEGIN {how}"))
        for statement in _NO_TIMEOUTS:
            connection.execute(text(statement))
        # Closing the connection, which nobody else gets, rolls back whatever is left.
        yield connection


def _make_room(connection: Connection, *, replace: bool) -> None:
    """See that nothing is there, or put it aside in a schema of its own."""
    with contextlib.suppress(UnfinishedCopy):
        if postgresql_schema.revision(connection) is None:
            return
    if not replace:
        raise StartRefused(
            "there is a store in this database; name an empty one, or put it aside with --replace"
        )
    if connection.execute(_OTHERS).scalar_one():
        raise StartRefused("somebody has the store open; stop its servers first")
    aside = f"strongroom_replaced_{datetime.now(UTC):%Y%m%d_%H%M%S_%f}"
    connection.execute(text(f"CREATE SCHEMA {aside}"))
    ours = {*metadata.tables, "alembic_version"}
    for table in sorted(ours.intersection(inspect(connection).get_table_names())):
        connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA {aside}'))
