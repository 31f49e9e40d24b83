"""A SQLite file that becomes the copy of another store in parts."""

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import text

from adapters.sql import schema
from adapters.sql.sqlite import open_engine
from adapters.sql.sqlite_copy import check_references, put_in_place, synced, workshop
from adapters.sql.store_receiving import SqlStoreReceiving, mark, require_ours
from adapters.sql.store_rows import SqlStoreRows
from domain.ports.store_move import StoreReceiving, UnfinishedCopy
from domain.ports.store_rows import StoreRows


def is_begun(path: Path) -> bool:
    """Tell whether the file is a copy that is not finished."""
    try:
        schema.inspect(path)
    except UnfinishedCopy:
        return True
    return False


@contextlib.contextmanager
def receiving(path: Path, revision: str) -> Iterator[StoreReceiving]:
    """Go on with the copy at a path, or put one there that has tables and no rows.

    Raises:
        StartRefused: a finished store is there, another process is making a copy here, or one was
            begun with another revision.
        StorageUnavailable: it cannot be written now.
    """
    with workshop(path) as folder:
        if not is_begun(path):
            _begin(folder / path.name, path)
        with open_engine(path).connect() as connection:
            require_ours(connection, revision)
            connection.execute(text("PRAGMA foreign_keys = OFF"))
            yield SqlStoreReceiving(connection, partial(_snapshot, path), check_references)


def _begin(new: Path, path: Path) -> None:
    """Make a file that is marked before it has its name."""
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    with open_engine(new).connect() as connection:
        schema.migrate_to(connection, schema.HEAD)
        mark(connection)
    synced(new)
    put_in_place(new, path, replace=False)


@contextlib.contextmanager
def _snapshot(path: Path) -> Iterator[StoreRows]:
    """Look at the file on one snapshot."""
    with open_engine(path, read_only=True).connect() as connection:
        connection.execute(text("BEGIN"))
        yield SqlStoreRows(connection, schema.HEAD)
        connection.execute(text("ROLLBACK"))
