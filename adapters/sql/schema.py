"""The state of the tables: what is there, and bringing it to the newest form."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql import looking
from adapters.sql.sqlite import open_engine
from domain.errors import StartRefused, StorageUnavailable
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.store import StoreState
from domain.ports.store_move import UnfinishedCopy

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
)
"""Every revision, oldest first. Kept here so that an ordinary start need not load Alembic."""

FIRST, HEAD = REVISIONS[0], REVISIONS[-1]

UNFINISHED = "-copying"
"""Stands behind the revision of a store that is being copied. Versions that do not know it take it
for a newer version's, and do not serve from it either."""

_ROOT_KEYS = "0003"
"""The revision that brought purposes and root-key records; those after it have them too."""

_FIRST_COLUMNS = frozenset(
    {"id", "name", "description", "encrypted_value", "created_at", "updated_at"}
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a moment that nobody asks for here."""
_SAMPLE_OF_VALUES = "SELECT encrypted_value FROM secrets ORDER BY id LIMIT 100"


EMPTY = StoreState(revision=None, newest=HEAD)


def inspect(path: Path) -> StoreState:
    """Look at a database file and change nothing.

    Only an earlier backend leaves tables at the first revision: ours pass it on their way.

    Raises:
        StartRefused: the file is no SQLite database, or its tables are not ours.
    """
    if not path.exists() or path.stat().st_size == 0:
        return EMPTY
    try:
        return looking.read(path, _inspect)
    except sqlite3.Error as error:
        raise StartRefused(
            f"the database {path} cannot be read ({error}); check the file, or restore a backup"
        ) from error


def upgrade(path: Path) -> Path | None:
    """Bring the file to the newest revision, in one transaction, after copying what is there.

    Returns:
        The copy, or `None` when nothing had to be done or there was nothing to copy.

    Raises:
        StartRefused: the tables are not ours, come from a newer version, or cannot be changed now
            (another process writes, the disk is full). They are as they were.
    """
    state = inspect(path)
    if state.is_current:
        return None
    copy: Path | None = None
    try:
        copy = None if state.revision is None else _copy(path, state.revision)
        with _exclusive(path) as connection:
            # Another process may have upgraded while this one waited for the lock.
            migrate(connection, _revision(connection.connection.dbapi_connection))
    except (SQLAlchemyError, sqlite3.Error, OSError, StorageUnavailable) as error:
        if copy is not None:
            # The file is as it was. A service that is started again and again must not fill the
            # disk with copies of it.
            copy.unlink()
        raise StartRefused(
            f"the tables of {path} cannot be upgraded ({_plain(error)}); they are as they were,"
            " stop what else uses the file, see that the disk has room, and start again"
        ) from error
    return copy


def _inspect(db: sqlite3.Connection) -> StoreState:
    """Read the state over an open connection."""
    revision = _revision(db)
    if revision is None:
        return EMPTY
    earlier = revision == FIRST
    return StoreState(
        revision=revision,
        newest=HEAD,
        of_earlier_backend=earlier,
        has_secrets=db.execute("SELECT id FROM secrets LIMIT 1").fetchone() is not None,
        keys=() if earlier else _keys(db, with_purpose=revision >= _ROOT_KEYS),
        root_key=_root_key(db) if revision >= _ROOT_KEYS else None,
        sample=[row[0] for row in db.execute(_SAMPLE_OF_VALUES)] if earlier else [],
    )


def _keys(db: sqlite3.Connection, *, with_purpose: bool) -> Sequence[DataKey]:
    """Read the data keys that were not destroyed."""
    purpose = "purpose" if with_purpose else "'seal'"
    rows = db.execute(
        f"SELECT id, {purpose}, state, wrapped FROM data_keys WHERE state <> 'destroyed'"  # noqa: S608  one of two words
    )
    return [
        DataKey(
            id=key_id,
            purpose=KeyPurpose(purpose),
            state=KeyState(state),
            created_at=_EPOCH,
            wrapped=wrapped,
        )
        for key_id, purpose, state, wrapped in rows
    ]


def _root_key(db: sqlite3.Connection) -> RootKeyRecord | None:
    """Read what is known of the root key."""
    row = db.execute(
        "SELECT generation, source, since, principal FROM root_keys"
        " ORDER BY generation DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    generation, source, since, principal = row
    return RootKeyRecord(
        generation=generation,
        source=source,
        since=datetime.fromisoformat(since).replace(tzinfo=UTC),
        principal=principal,
    )


def _revision(db: Any) -> str | None:
    """Return the revision that the tables are at, recognising an earlier backend's."""
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" in tables:
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is None:
            raise StartRefused("the database does not say its revision; restore a backup")
        return known(str(row[0]))
    if "secrets" not in tables:
        return None
    columns = {row[1] for row in db.execute("PRAGMA table_info(secrets)")}
    if not columns >= _FIRST_COLUMNS:
        raise StartRefused("the database has a table 'secrets' that is not Strongroom's")
    return FIRST


def known(revision: str) -> str:
    """Return a revision that a store says it has.

    Raises:
        UnfinishedCopy: it is a copy that is not finished.
        StartRefused: it is of a newer version.
    """
    if revision.endswith(UNFINISHED):
        raise UnfinishedCopy(
            "the store is a copy that is not finished; give the same 'strongroom migrate-store'"
            " again, which goes on with it, or name another place"
        )
    if revision not in REVISIONS:
        raise StartRefused(
            "the database comes from a newer version of Strongroom; start that version"
        )
    return revision


def _plain(error: Exception) -> object:
    """Return what the driver said, without the statement and what was in it."""
    told = error.__cause__ if isinstance(error, StorageUnavailable) else error
    return getattr(told, "orig", None) or told or error


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[Connection]:
    """Hold the whole file in one transaction: every step of the migration is there, or none."""
    engine = open_engine(path).execution_options(isolation_level="SERIALIZABLE")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver must not begin or commit on its own around DDL.
        raw: Any = connection.connection.dbapi_connection
        raw.isolation_level = None
        raw.execute("BEGIN EXCLUSIVE")

    with engine.begin() as connection:
        yield connection


def migrate(connection: Connection, revision: str | None) -> None:
    """Run the migrations; a database of an earlier backend is put at the first one before."""
    migrate_to(connection, HEAD, stamped=FIRST if revision == FIRST else None)


def migrate_to(connection: Connection, revision: str, *, stamped: str | None = None) -> None:
    """Bring the tables of a connection to a revision.

    Args:
        connection: the connection.
        revision: the one to come to, at or behind that of the tables.
        stamped: what the tables are at where they do not say so themselves.

    Raises:
        StartRefused: it is not one that this version knows.
    """
    if revision not in REVISIONS:
        raise StartRefused(
            "the rows come from a newer version of Strongroom; take them with that version"
        )
    # Loaded here only: Alembic costs more time than the rest of an ordinary start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    import migrations  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    if stamped is not None:
        command.stamp(config, stamped)
    command.upgrade(config, revision)


def _copy(path: Path, revision: str) -> Path:
    """Copy the database file consistently, for the owner's eyes only, and have it on disk."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = path.with_name(f"{path.name}.before-{HEAD}-from-{revision}-{stamp}")
    descriptor = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return copy
