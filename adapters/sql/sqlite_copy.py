"""A SQLite store read whole, and made anew beside the one that is there."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from adapters.sql import schema
from adapters.sql.sqlite import open_engine
from adapters.sql.sqlite_errors import available
from adapters.sql.store_filling import SqlStoreFilling
from adapters.sql.store_rows import SqlStoreRows
from domain.errors import StartRefused, StorageUnavailable
from domain.ports.store_rows import StoreFilling, StoreRows

_WHILE_FILLING = (
    # The file is thrown away unless it becomes whole, and then it is made durable at once.
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA synchronous = OFF",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA cache_size = -65536",
)


@contextlib.contextmanager
def snapshot(path: Path, *, busy_timeout: float) -> Iterator[StoreRows]:
    """Look at a file on one snapshot, over a connection of its own.

    Writers go on meanwhile; the log beside the file grows until the block ends.

    Raises:
        StartRefused: there is no store, or not one of the newest form.
        StorageUnavailable: it cannot be opened now.
    """
    if not schema.inspect(path).is_current:
        raise StartRefused("there is no store of the newest form; run 'strongroom db upgrade'")
    engine = open_engine(path, busy_timeout=busy_timeout, read_only=True)
    with engine.connect() as connection:
        with available():
            connection.execute(text("BEGIN"))
        yield SqlStoreRows(connection, schema.HEAD)
        with available():
            connection.execute(text("ROLLBACK"))


@contextlib.contextmanager
def filling(path: Path, revision: str, *, replace: bool) -> Iterator[StoreFilling]:
    """Make a file of rows, and give it its name when it is whole, upgraded and on the disk.

    Raises:
        StartRefused: a store is there and must not be replaced, somebody has it open, or the
            revision is not known.
        StorageUnavailable: it cannot be written now.
    """
    if not replace:
        check_empty(path)
    with workshop(path) as folder:
        new = folder / path.name
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        with open_engine(new).connect() as connection:
            for pragma in _WHILE_FILLING:
                connection.execute(text(pragma))
            schema.migrate_to(connection, revision)
            # One transaction: a new page need not be remembered as it was, so this costs nothing.
            connection.execute(text("BEGIN"))
            yield SqlStoreFilling(connection)
            _finish(connection)
        synced(new)
        put_in_place(new, path, replace=replace)


def _finish(connection: Connection) -> None:
    """Check what was filled, and bring it to the newest form."""
    check_references(connection)
    connection.execute(text("COMMIT"))
    schema.migrate_to(connection, schema.HEAD)
    connection.execute(text("PRAGMA journal_mode = WAL"))


def check_references(connection: Connection) -> None:
    """See that no row refers to one that is not there."""
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise StartRefused("there are rows that refer to others which are not there")


@contextlib.contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """Give a folder beside the file, after erasing what a process that was killed has left."""
    if not path.parent.is_dir():
        raise StartRefused(f"there is no folder {path.parent}; make it first")
    folder = path.with_name(f".{path.name}.filling")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise StorageUnavailable(f"{path.parent} cannot be written ({error.strerror})") from error
    try:
        _take(descriptor, path)
        _empty(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise StorageUnavailable(
            f"the store cannot be written now ({error.strerror or type(error).__name__})"
        ) from error
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    """Be the only one who works in the folder."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartRefused(f"another process is making {path} anew") from None


def _empty(folder: Path) -> None:
    """Erase what is in the folder."""
    for left in folder.iterdir():
        left.unlink()


def synced(path: Path) -> None:
    """Have a file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_empty(path: Path) -> None:
    """See that there is no store."""
    if path.exists() and path.stat().st_size:
        raise StartRefused(
            f"there is a store at {path}; name an empty place, or put it aside with --replace"
        )


def put_in_place(new: Path, path: Path, *, replace: bool) -> None:
    """Give the new file its name. At no moment is there neither the old store nor the new one."""
    if replace and path.exists():
        with _nobody_else(path):
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            os.link(path, path.with_name(f"{path.name}.replaced-{stamp}"))
            synced(path.parent)
            new.replace(path)
            synced(path.parent)
        return
    check_empty(path)
    new.replace(path)
    synced(path.parent)


@contextlib.contextmanager
def _nobody_else(path: Path) -> Iterator[None]:
    """Have the old file to ourselves, with everything that is in its log.

    Raises:
        StartRefused: somebody has it open, or it is too damaged to be opened.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as db:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Leaving WAL takes the log in, erases it, and needs every lock that there is.
            mode = db.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
            db.execute("BEGIN EXCLUSIVE")
            if mode != "delete":
                raise StartRefused(f"{path} cannot be put aside now")
            yield
    except sqlite3.Error as error:
        raise StartRefused(
            f"{path} cannot be put aside ({getattr(error, 'sqlite_errorname', 'error')}): stop"
            " what has it open; if it is damaged, move it and the files beside it away by hand"
        ) from error
