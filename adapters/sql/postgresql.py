"""The shared store: PostgreSQL, read on worker threads, written by one process at a time."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.sql.audit_growth import Growth
from adapters.sql.group_commit import Conflict, GroupCommitWriter
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine, unavailable
from adapters.sql.session import open_session
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.store import StoreOptions

T = TypeVar("T")

IDLE_SECONDS = 10
"""How long a transaction may stay open without a statement. A process that was stopped in the
middle of a change would keep all others waiting; after this time the server lets go of it."""


class PostgresqlStorage(Storage):
    """Runs readings on threads with a connection each, and changes on the one writer."""

    def __init__(self, address: Address, options: StoreOptions) -> None:
        """Take where the database is; connections are made when they are needed.

        Args:
            address: where the database is.
            options: how many connections, and how long to wait.
        """
        self._options = options
        self._reading = open_engine(address, options, pooled=True)
        self._writing = open_engine(address, options, pooled=False)
        self._begin = (
            f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {_limits(options, IDLE_SECONDS)}"
        )
        self._readers = ThreadPoolExecutor(
            options.pool_size + options.pool_overflow, thread_name_prefix="reader"
        )
        self._closing = threading.Lock()
        self._closed = False
        self._writer = GroupCommitWriter(
            lambda: PostgresqlTransaction(self._writing.connect(), options)
        )

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Run the work on a thread, on one snapshot; a second time when the connection was cut."""
        with self._closing:
            if not self._closed:
                return self._readers.submit(self._read, work)
        promise: Future[T] = Future()
        promise.set_exception(StorageUnavailable("the store is closed"))
        return promise

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue the work for the writer."""
        return self._writer.submit(work)

    def close(self) -> None:
        """Finish what was accepted and close every connection."""
        with self._closing:
            self._closed = True
        self._readers.shutdown(wait=True)
        self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def _read(self, work: Callable[[Session], T]) -> T:
        """Run the work in a transaction of its own."""
        try:
            return self._attempt(work)
        except Conflict:
            # What cut one connection has probably cut those beside it.
            self._reading.dispose()
            return self._attempt(work)

    def _attempt(self, work: Callable[[Session], T]) -> T:
        """Run the work once."""
        with self._connected() as connection, available(connection):
            raw: Any = connection.connection.dbapi_connection
            raw.execute(self._begin)
            try:
                return work(open_session(connection))
            finally:
                if not raw.closed:
                    raw.execute("ROLLBACK")

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give a connection of the pool."""
        try:
            connection = self._reading.connect()
        except PoolTimeout:
            raise StorageUnavailable("all connections to the database are in use") from None
        with connection:
            yield connection


class PostgresqlTransaction:
    """The writer's connection.

    A transaction begins with its first statement, and with the lock that keeps all other processes
    from writing until it ends. So works that only record something keep nobody waiting while they
    run. Each statement sees what is committed, and under the lock nothing else is.
    """

    def __init__(self, connection: Connection, options: StoreOptions) -> None:
        """Hold the connection for good."""
        self._connection = connection
        self._raw: Any = connection.connection.dbapi_connection
        self._growth = Growth(connection, grouped=True)
        self._session = open_session(connection, self._growth)
        self._begin = (
            "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE;"
            f" {_limits(options, IDLE_SECONDS)}"
            f" SET LOCAL lock_timeout = {int(options.busy_timeout * 1000)};"
            # A commit is on disk before it is answered, whatever the server is set to.
            " SELECT set_config('synchronous_commit', 'on', true)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        self._begun = self._marked = self._is_to_be_marked = False
        event.listen(connection, "before_cursor_execute", self._before_statement)

    def begin(self, *, patient: bool) -> Session:
        """Begin with nothing; the transaction is opened by the first statement, and waits then."""
        del patient
        self._begun = self._marked = self._is_to_be_marked = False
        self._growth.begin()
        return self._session

    def attempt(self, work: Callable[[], T]) -> T:
        """Run one work; undo it alone when it raises."""
        mark = self._growth.mark()
        self._is_to_be_marked = True
        with available(self._connection):
            try:
                result = work()
                self._require_sound()
            except BaseException:
                self._undo_attempt()
                self._growth.undo(mark)
                raise
            finally:
                self._is_to_be_marked = False
        return result

    def complete(self) -> None:
        """Write the audit entries of all works."""
        self._growth.write()

    def commit(self) -> None:
        """Make everything durable."""
        if not self._begun:
            return
        try:
            # Of a transaction that failed the server makes a rollback, and says so only here.
            if self._raw.execute("COMMIT").statusmessage != "COMMIT":
                raise StorageUnavailable("the store has undone the change")
        except psycopg.Error as error:
            # Not to be run again: it is unknown whether it is done.
            raise StorageUnavailable(_IN_DOUBT) from error

    def rollback(self) -> None:
        """Undo everything."""
        with available(self._connection):
            if self._begun and not self._raw.closed:
                self._raw.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _before_statement(self, *_of_event: object) -> None:
        """Open the transaction, and mark where the work begins, before the first statement."""
        with available(self._connection):
            if not self._begun:
                self._open()
            if self._is_to_be_marked:
                self._is_to_be_marked = False
                again = "RELEASE one; " if self._marked else ""
                self._raw.execute(f"{again}SAVEPOINT one")
                self._marked = True

    def _open(self) -> None:
        """Open the transaction and take the lock.

        Before any savepoint, because undone with one it would be given back.
        """
        self._begun = True
        later, self._is_to_be_marked = self._is_to_be_marked, False
        self._raw.execute(self._begin)
        self._growth.lock()
        self._is_to_be_marked = later

    def _undo_attempt(self) -> None:
        """Undo what a work did, unless it did nothing or the connection is gone."""
        if self._begun and not self._is_to_be_marked and not self._raw.closed:
            self._raw.execute("ROLLBACK TO one")

    def _require_sound(self) -> None:
        """See that no statement failed unseen: the server does nothing more until it is undone."""
        if self._raw.info.transaction_status == TransactionStatus.INERROR:
            raise RuntimeError("a work went on after a statement that failed")


_IN_DOUBT = "the connection was lost while a change was being made durable; it may be done"


@contextlib.contextmanager
def available(connection: Connection) -> Iterator[None]:
    """Turn what our own statements raise into the port's own error."""
    try:
        yield
    except psycopg.Error as error:
        raw: Any = None if connection.closed else connection.connection.dbapi_connection
        if raw is not None and raw.closed:
            connection.invalidate()
        raise unavailable(error, raw) from error


def _limits(options: StoreOptions, idle: float) -> str:
    """Write out how long things may take.

    For each transaction anew, because between us and the server may stand a pool that gives a
    session to many.
    """
    return (
        f"SET LOCAL statement_timeout = {int(options.statement_timeout * 1000)};"
        f" SET LOCAL idle_in_transaction_session_timeout = {int(idle * 1000)};"
    )
