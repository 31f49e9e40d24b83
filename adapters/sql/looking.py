"""Reading a SQLite file without leaving anything beside it.

An ordinary connection, a read-only one too, makes two files beside a database in WAL mode. So a
file that nobody has open is read as one that cannot change, which makes none, and afterwards it is
seen that it has not changed. One that is open has both files already, and is left to SQLite alone.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

Mark = tuple[int, int, int]

_HEADER_BYTES = 20
_WAL = 2
"""What stands at offset 18 of a file in WAL mode (SQLite's file format, section 1.3)."""


def read(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """Return what the work reads.

    Raises:
        sqlite3.Error: the file cannot be read.
    """
    before = resting(path)
    if before is not None:
        with contextlib.closing(connect(path, at_rest=True)) as db:
            try:
                result = work(db)
            except Exception:
                if resting(path) == before:
                    raise
            else:
                if resting(path) == before:
                    return result
    # Somebody has it open, perhaps since a moment ago.
    with contextlib.closing(connect(path, at_rest=False)) as db:
        return work(db)


def connect(path: Path, *, at_rest: bool, timeout: float = 5.0) -> sqlite3.Connection:
    """Return a connection that reads only.

    Args:
        path: the database file.
        at_rest: nobody has it open; if somebody does, what is read may be wrong.
        timeout: how long to wait for a lock, in seconds.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    if at_rest:
        return _connect(path, "immutable=1", timeout)
    if _beside(path, "-shm").exists():
        # Without a server, after a crash, the index is then built in memory instead of the file.
        with contextlib.suppress(sqlite3.Error):
            return _tried(_connect(path, "readonly_shm=1", timeout))
    # Here a log without its index, which a copy may be, gets one: it cannot be read otherwise.
    return _connect(path, "", timeout)


def resting(path: Path) -> Mark | None:
    """Return a mark of the file's present state, or `None` when somebody may have it open.

    With a log that is empty or missing everything is in the file itself, and the file changes only
    after the log has been written.

    Raises:
        sqlite3.OperationalError: the file cannot be read.
    """
    # First of all, because it may be this process that has it open. Whoever closes a file lets go
    # of every lock that the process has on it (POSIX; SQLite's "How to corrupt", section 2.2).
    # Another process would then think itself the last, and erase the log under the server: what
    # the server acknowledged from there on would be lost.
    if _beside(path, "-shm").exists():
        return None
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        status = path.stat()
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
    in_wal_mode = len(header) == _HEADER_BYTES and header[18] == _WAL
    if not in_wal_mode or any(_has_content(_beside(path, end)) for end in ("-wal", "-journal")):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _connect(path: Path, how: str, timeout: float) -> sqlite3.Connection:
    """Open the file with these parameters."""
    uri = f"{path.absolute().as_uri()}?mode=ro&{how}"
    return sqlite3.connect(uri, uri=True, timeout=timeout, check_same_thread=False)


def _tried(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return the connection if it can read."""
    try:
        db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    return db


def _beside(path: Path, end: str) -> Path:
    """Return a file that SQLite keeps beside the database."""
    return path.with_name(f"{path.name}{end}")


def _has_content(path: Path) -> bool:
    """Tell whether a file is there and not empty."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
