"""Reading on the calling thread: on a snapshot of its own, or on that of an event loop's tick."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from adapters.sql.session import open_session
from adapters.sql.sqlite_secrets import sqlite_secrets
from domain.ports.foreseen import foreseen
from domain.ports.moment import Moment
from domain.ports.storage import Session

T = TypeVar("T")


class SqliteReader:
    """One thread's connection.

    All that an event loop runs in one tick was waiting before the tick began. So whatever was
    answered before a request was sent had been committed before that tick, and a snapshot that is
    opened within it shows that. Sharing it among the readings of the tick, and with it whoever was
    recognised, is therefore the same as opening one for each, and saves a good part of the cost.
    """

    def __init__(self, connection: Connection) -> None:
        """Hold the connection for good."""
        self._connection = connection
        self._driver: Any = connection.connection.dbapi_connection
        self._moment = Moment()
        self._secrets = sqlite_secrets(connection)
        self._session = open_session(connection, moment=self._moment, secrets=self._secrets)
        self._loop: asyncio.AbstractEventLoop | None = None

    def read(self, work: Callable[[Session], T]) -> T:
        """Run the work on a snapshot."""
        sought = foreseen(work)
        if len(sought) <= 1:
            return self._read(work)
        with self._secrets.foreseeing(sought):
            return self._read(work)

    def _read(self, work: Callable[[Session], T]) -> T:
        """Run the work on the snapshot of the tick, or on one of its own."""
        loop = _running_loop()
        if self._loop is not None and self._loop is not loop:
            self._end()  # of a loop that ended before its tick did
        if self._loop is None:
            self._driver.execute("BEGIN")
        if loop is None:
            try:
                return work(self._session)
            finally:
                self._driver.execute("ROLLBACK")
        if self._loop is None:
            self._loop = loop
            self._moment.open()
            loop.call_soon(self._end)
        try:
            return work(self._session)
        except sqlite3.Error:
            self._end()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _end(self) -> None:
        """End the snapshot of a tick, unless that has been done."""
        if self._loop is not None:
            self._loop = None
            self._moment.close()
            with contextlib.suppress(sqlite3.Error):  # closed meanwhile
                self._driver.execute("ROLLBACK")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that this thread runs, or `None`."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
