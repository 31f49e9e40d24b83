"""A SQLite file that is only looked at, also while servers have it open."""

import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from adapters.sql import looking
from adapters.sql.session import open_session
from adapters.sql.sqlite import open_engine
from adapters.sql.sqlite_errors import available
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.tip_mac import TipMac

T = TypeVar("T")


class SqliteLook(Storage):
    """Runs readings on one connection, and begins it anew when somebody opens the file."""

    def __init__(self, path: Path, *, busy_timeout: float) -> None:
        """Take the path of the database file; it is opened by the first reading."""
        self._path = path
        self._busy_timeout = busy_timeout
        self._connection: Connection | None = None
        self._mark: looking.Mark | None = None

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once, on one snapshot."""
        promise: Future[T] = Future()
        try:
            promise.set_result(self._read(work))
        except Exception as error:  # noqa: BLE001  belongs to whoever holds the future
            promise.set_exception(error)
        return promise

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Refuse."""
        promise: Future[T] = Future()
        promise.set_exception(StorageUnavailable("the store is only looked at"))
        return promise

    def vouch_with(self, macs: TipMac) -> None:
        """Pass it over: nothing grows here."""

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, work: Callable[[Session], T]) -> T:
        """Run the work, a second time when the file was opened by somebody meanwhile."""
        with available():
            try:
                result = self._attempt(work)
            except Exception:
                if not self._has_been_opened():
                    raise
            else:
                if not self._has_been_opened():
                    return result
            self.close()
            return self._attempt(work)

    def _has_been_opened(self) -> bool:
        """Tell whether what was read at rest may have changed while it was read."""
        return self._mark is not None and looking.resting(self._path) != self._mark

    def _attempt(self, work: Callable[[Session], T]) -> T:
        """Run the work in a transaction, which is one snapshot."""
        connection = self._opened()
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  an open connection has one
        cursor = raw.cursor()
        cursor.execute("BEGIN")
        try:
            return work(open_session(connection))
        finally:
            with contextlib.suppress(sqlite3.Error):
                cursor.execute("ROLLBACK")

    def _opened(self) -> Connection:
        """Return the connection."""
        if self._connection is None:
            self._mark = looking.resting(self._path)
            connect = partial(
                looking.connect, self._path,
                at_rest=self._mark is not None, timeout=self._busy_timeout,
            )  # fmt: skip
            engine = open_engine(self._path, read_only=True, connect=connect)
            self._connection = engine.connect()
        return self._connection
