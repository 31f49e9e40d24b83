"""The state of the tables in PostgreSQL: what is there, and bringing it to the newest form."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, select, text

from adapters.sql import schema
from adapters.sql.data_key_repository import SqlDataKeyRepository
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine
from adapters.sql.root_key_records import SqlRootKeyRecords
from adapters.sql.tables import secrets
from domain.errors import StartRefused, StorageUnavailable
from domain.keys.data_key import DataKey, KeyState
from domain.ports.store import StoreOptions, StoreState

UPGRADE_LOCK = 0x5372_6F6E_6772_6F6F
"""The number of the lock that one process at a time upgrades under; it spells a part of our name,
so that no other application in the same database takes it by chance."""

_TABLES = ("alembic_version", "secrets")
_IS_THERE = text("SELECT to_regclass(:name) IS NOT NULL")
_ENCODING = text("SELECT current_setting('server_encoding')")
_REVISION = text("SELECT version_num FROM alembic_version")
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:number)")


def inspect(address: Address, options: StoreOptions) -> StoreState:
    """Look at a database and change nothing.

    Raises:
        StartRefused: it cannot be reached or read, or its tables are not ours.
    """
    with connected(address, options) as connection:
        connection.execute(text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        return _inspect(connection)


def upgrade(address: Address, options: StoreOptions) -> None:
    """Bring the tables to the newest revision, in one transaction.

    Of several processes that start at once one does so, while the others wait.

    Raises:
        StartRefused: the tables are not ours, come from a newer version, or cannot be changed now.
            They are as they were.
    """
    if inspect(address, options).is_current:
        return
    with connected(address, options) as connection:
        connection.execute(text("BEGIN"))
        connection.execute(_TAKE_LOCK, {"number": UPGRADE_LOCK})
        if revision(connection) != schema.HEAD:
            _migrate(connection)
        connection.execute(text("COMMIT"))


@contextmanager
def connected(address: Address, options: StoreOptions) -> Iterator[Connection]:
    """Give a connection of its own, and say for the operator what goes wrong on it."""
    engine = open_engine(address, options)
    try:
        with engine.connect() as connection:
            yield connection
    except StorageUnavailable as error:
        # Without its cause, which may hold what stands in a row.
        raise StartRefused(f"{error}; see that it runs and that 'database_url' is right") from None


def revision(connection: Connection) -> str | None:
    """Return the revision that the tables are at, or `None` where there are none.

    Raises:
        StartRefused: they are not ours, or of a newer version.
    """
    migrated, has_secrets = (
        connection.execute(_IS_THERE, {"name": name}).scalar_one() for name in _TABLES
    )
    if not migrated:
        if has_secrets:
            raise StartRefused("the database has a table 'secrets' that is not Strongroom's")
        return None
    found = connection.execute(_REVISION).scalars().all()
    if len(found) != 1:
        raise StartRefused("the database does not say its revision; restore a backup")
    return schema.known(str(found[0]))


def _inspect(connection: Connection) -> StoreState:
    """Read the state within a transaction."""
    encoding = connection.execute(_ENCODING).scalar_one()
    if encoding != "UTF8":
        raise StartRefused(
            f"the database keeps texts in {encoding}; make one with: CREATE DATABASE … ENCODING"
            " 'UTF8' TEMPLATE template0"
        )
    found = revision(connection)
    if found is None:
        return schema.EMPTY
    return StoreState(
        revision=found,
        newest=schema.HEAD,
        has_secrets=connection.execute(select(secrets.c.id).limit(1)).first() is not None,
        keys=_keys(connection),
        root_key=SqlRootKeyRecords(connection).current(),
    )


def _keys(connection: Connection) -> Sequence[DataKey]:
    """Read the data keys that were not destroyed."""
    keys = SqlDataKeyRepository(connection).all()
    return [key for key in keys if key.state is not KeyState.DESTROYED]


def _migrate(connection: Connection) -> None:
    """Run the migrations.

    Raises:
        StartRefused: they cannot be run.
    """
    try:
        schema.migrate(connection, None)
    except StorageUnavailable as error:
        raise StartRefused(
            f"the tables cannot be upgraded ({error}); they are as they were, see that the role may"
            " make tables, and start again"
        ) from None
