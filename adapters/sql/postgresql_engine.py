"""Connections to PostgreSQL: how they are made, kept ready, and given up."""

import logging
from typing import Any

import psycopg
from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from adapters.sql.group_commit import Conflict
from adapters.sql.postgresql_address import Address, saying
from adapters.sql.postgresql_many import execute_many
from adapters.sql.postgresql_nul import keep_every_text
from domain.errors import StorageUnavailable
from domain.ports.store import StoreOptions

_CONFLICTS = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


def open_engine(address: Address, options: StoreOptions) -> Engine:
    """Return an engine that keeps no connections, and whose connections begin nothing themselves.

    What the driver raises becomes `StorageUnavailable` where it happens, within the work, because
    the gate looks at what comes out of a work and not at what comes out of the store. A broken
    constraint stays as it is: it concerns one work, and the repositories know what it means.

    Args:
        address: where the database is.
        options: how long to wait for it.
    """
    # It warns, past our log, of what goes wrong on a connection that was cut; we say so ourselves.
    logging.getLogger("psycopg").disabled = True
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(address, options),
        poolclass=NullPool,
        # To be closed ends a transaction.
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        # What rows hold must not stand in an error, which may end up in a log.
        hide_parameters=True,
        use_native_hstore=False,
    )
    event.listen(engine, "handle_error", _translate)
    event.listen(engine, "do_executemany", execute_many)
    return engine


def connect(address: Address, options: StoreOptions) -> psycopg.Connection[Any]:
    """Return a connection of the driver.

    Raises:
        StorageUnavailable: none can be made.
    """
    parts = {"connect_timeout": int(options.connect_timeout), **address.parts}
    try:
        connection = psycopg.connect(**parts, client_encoding="utf8", autocommit=True)
    except psycopg.Error as error:
        # Without its cause, which may repeat a part of the URL.
        raise StorageUnavailable(f"the database cannot be reached: {saying(error)}") from None
    if not options.prepares:
        connection.prepare_threshold = None
    keep_every_text(connection)
    connection.execute("SET TimeZone TO 'UTC'")
    return connection


def explain(error: BaseException | None) -> str:
    """Say what is wrong with the store, from the code of the standard and nothing else."""
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return f"the store cannot be used now ({code})"


def unavailable(
    error: BaseException | None, connection: psycopg.Connection[Any] | None
) -> StorageUnavailable:
    """Return our error for the driver's: a connection that was cut has left nothing behind."""
    again = isinstance(error, _CONFLICTS) or (connection is not None and connection.closed)
    return Conflict(explain(error)) if again else StorageUnavailable(explain(error))


def _translate(context: ExceptionContext) -> None:
    """Turn what the driver raises into our own error."""
    if isinstance(context.original_exception, StorageUnavailable):
        return
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return
    held = context.connection
    raw: Any = held and not held.closed and held.connection.dbapi_connection
    raise unavailable(context.original_exception, raw or None) from context.original_exception
