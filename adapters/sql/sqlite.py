"""The embedded store: SQLite in WAL mode, read where it is asked, written by one writer."""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from adapters.sql.audit_growth import Growth
from adapters.sql.committed_tip import CommittedTip
from adapters.sql.group_commit import GroupCommitWriter
from adapters.sql.jobs import Taken
from adapters.sql.noted_reads import NotedReads
from adapters.sql.prepared import BEFORE
from adapters.sql.session import open_session
from adapters.sql.sqlite_errors import available, explain, unavailable
from adapters.sql.sqlite_reader import SqliteReader
from application.futures import Kept
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.storage_figures import Figures, StorageFigures
from domain.ports.store_meter import StoreMeter
from domain.ports.tip_mac import TipMac

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    # A schema planted in the file must not run functions of ours.
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)
BUSY_PAUSE = 0.002
"""How long to wait before looking again whether another process still writes, in seconds."""

_WRITER_PRAGMAS = (
    # FULL: a commit is on disk before it is answered, also after a loss of power.
    "PRAGMA synchronous = FULL",
    # Purged ciphertext does not stay behind in free pages of those that are written anyway.
    "PRAGMA secure_delete = FAST",
)


def open_engine(
    path: Path,
    *,
    busy_timeout: float = 5.0,
    read_only: bool = False,
    connect: Callable[[], sqlite3.Connection] | None = None,
) -> Engine:
    """Return an engine whose connections begin nothing by themselves.

    What the driver raises becomes `StorageUnavailable` where it happens, within the work, because
    the gate looks at what comes out of a work and not at what comes out of the store. A broken
    constraint stays as it is: it concerns one work, and the repositories know what it means.

    Args:
        path: the database file.
        busy_timeout: how long to wait for another process's lock, in seconds.
        read_only: refuse every write.
        connect: makes the driver's connections; what opens the file for changes unless given.
    """
    how: dict[str, Any] = (
        {"connect_args": {"timeout": busy_timeout, "check_same_thread": False}}
        if connect is None
        else {"creator": connect}
    )
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        # What rows hold must not stand in an error, which may end up in a log.
        hide_parameters=True,
        **how,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS + (("PRAGMA query_only = ON",) if read_only else _WRITER_PRAGMAS):
            connection.execute(pragma)
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        if not isinstance(context.sqlalchemy_exception, IntegrityError):
            raise StorageUnavailable(
                explain(context.original_exception)
            ) from context.original_exception

    return engine


class SqliteStorage(Storage, StorageFigures):
    """Runs readings on the calling thread's own connection, and changes on the one writer.

    A reading costs tens of microseconds, less than handing it to another thread.
    """

    def __init__(
        self, path: Path, *, busy_timeout: float = 5.0, meter: StoreMeter | None = None
    ) -> None:
        """Open the file, which the migrations have made.

        Args:
            path: the database file.
            busy_timeout: how long to wait for another process's lock, in seconds.
            meter: is told of every commit.
        """
        self._reading = open_engine(path, busy_timeout=busy_timeout, read_only=True)
        self._writing = open_engine(path, busy_timeout=busy_timeout)
        self._local = threading.local()
        self._opened: list[SqliteReader] = []
        self._macs: TipMac | None = None
        committed = CommittedTip()
        self._writer = GroupCommitWriter(
            lambda: SqliteTransaction(
                self._writing.connect(),
                busy_timeout=busy_timeout,
                macs=self._macs,
                committed=committed,
            ),
            on_loop=True,
            meter=meter,
        )

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work at once, on one snapshot: on an event loop that of the tick."""
        try:
            return Kept(self._reader().read(work))
        except sqlite3.Error as error:
            return Kept(error=unavailable(error))
        except Exception as error:  # noqa: BLE001  belongs to whoever holds the future
            return Kept(error=error)

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue the work for the writer."""
        return self._writer.submit(work)

    def vouch_with(self, macs: TipMac) -> None:
        """Have every growth of the audit log vouched for."""
        self._macs = macs

    def figures(self) -> Figures:
        """Return how many changes wait. There is no pool."""
        return Figures(waiting_writes=self._writer.waiting)

    def close(self) -> None:
        """Finish what was queued and close every connection."""
        self._writer.close()
        for reader in self._opened:
            reader.close()
        self._opened.clear()

    def _reader(self) -> SqliteReader:
        """Return this thread's reader."""
        try:
            reader: SqliteReader = self._local.reader
        except AttributeError:
            reader = SqliteReader(self._reading.connect())
            self._opened.append(reader)
            self._local.reader = reader
        return reader


class SqliteTransaction:
    """The writer's connection. `BEGIN IMMEDIATE` keeps other processes from writing meanwhile."""

    def __init__(
        self,
        connection: Connection,
        *,
        busy_timeout: float,
        macs: TipMac | None,
        committed: CommittedTip,
    ) -> None:
        """Hold the connection for good.

        Args:
            connection: the connection.
            macs: vouches for the tip of the audit log.
            committed: what this process has committed last.
            busy_timeout: how long to wait for another process where that is asked for, in seconds.
        """
        self._connection = connection
        self._busy_timeout = busy_timeout
        self._raw: Any = connection.connection.dbapi_connection
        with available():
            self._execute("PRAGMA busy_timeout = 0")  # to wait is our own business
        self._is_to_be_marked = False
        connection.info[BEFORE] = self._before_statement
        event.listen(connection, "before_cursor_execute", self._before_statement)
        self._growth = Growth(connection, grouped=True, macs=macs, committed=committed)
        self._reads = NotedReads(connection, grouped=True)
        self._session = open_session(connection, self._growth, self._reads)

    def begin(self, *, patient: bool) -> Session:
        """Open the transaction.

        Raises:
            Taken: another process writes, also after waiting for it where that was asked for.
        """
        ends = time.monotonic() + self._busy_timeout if patient else 0.0
        with available():
            while not self._try_begin():
                if time.monotonic() >= ends:
                    raise Taken("the store cannot be used now (SQLITE_BUSY)")
                time.sleep(BUSY_PAUSE)
        self._growth.begin()
        self._reads.begin()
        return self._session

    def attempt(self, work: Callable[[], T]) -> T:
        """Run one work; undo it alone when it raises.

        Most works only record something, which is written at the end: a savepoint is for those
        that come to a statement.
        """
        mark, noted = self._growth.mark(), self._reads.mark()
        self._is_to_be_marked = True
        try:
            result = work()
            if not self._is_to_be_marked:
                self._execute("RELEASE one")
        except BaseException as error:
            self._growth.undo(mark)
            self._reads.undo(noted)
            self._undo_attempt()
            if isinstance(error, sqlite3.Error):
                raise unavailable(error) from error
            raise
        finally:
            self._is_to_be_marked = False
        return result

    def complete(self) -> None:
        """Write the audit entries of all works, and what they read."""
        self._reads.write()
        self._growth.write()

    def commit(self) -> None:
        """Make everything durable."""
        with available():
            self._execute("COMMIT")
        self._growth.committed()

    def rollback(self) -> None:
        """Undo everything; SQLite may have done so itself."""
        with available():
            if self._raw.in_transaction:
                self._execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _before_statement(self, *_of_event: object) -> None:
        """Mark where a work begins, before its first statement, which sees what others noted."""
        if self._is_to_be_marked:
            self._is_to_be_marked = False
            self._reads.write()
            self._execute("SAVEPOINT one")

    def _undo_attempt(self) -> None:
        """Undo what a work did, if it came to a statement and SQLite has not undone all itself."""
        if not self._is_to_be_marked and self._raw.in_transaction:
            with available():
                self._execute("ROLLBACK TO one")
                self._execute("RELEASE one")

    def _try_begin(self) -> bool:
        """Open the transaction unless another process writes."""
        try:
            self._execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # The low byte; the others say what kind of busy it is.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def _execute(self, statement: str) -> None:
        """Run a statement of ours without a detour."""
        self._raw.execute(statement)
