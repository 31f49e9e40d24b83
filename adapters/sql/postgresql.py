"""The shared store: PostgreSQL, read on worker threads, written by one process at a time."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event

from adapters.sql.audit_growth import Growth
from adapters.sql.committed_tip import CommittedTip
from adapters.sql.group_commit import Conflict, GroupCommitWriter
from adapters.sql.group_reading import GroupReader
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine, unavailable
from adapters.sql.postgresql_reads import PostgresqlReads
from adapters.sql.session import open_session
from domain.errors import StorageUnavailable
from domain.ports.moment import Moment
from domain.ports.storage import Session, Storage
from domain.ports.storage_figures import Figures, StorageFigures
from domain.ports.store import StoreOptions
from domain.ports.tip_mac import TipMac

T = TypeVar("T")

IDLE_SECONDS = 10
"""How long a transaction may stay open without a statement. A process that was stopped in the
middle of a change would keep all others waiting; after this time the server lets go of it."""


class PostgresqlStorage(Storage, StorageFigures):
    """Runs readings on a few threads, in groups, and changes on the one writer."""

    def __init__(self, address: Address, options: StoreOptions) -> None:
        """Take where the database is; connections are made when they are needed.

        Args:
            address: where the database is.
            options: how many connections, and how long to wait.
        """
        self._reading = open_engine(address, options, pooled=True)
        self._writing = open_engine(address, options, pooled=False)
        self._most = options.pool_size
        self._begin = (
            f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {_limits(options, IDLE_SECONDS)}"
        )
        self._macs: TipMac | None = None
        committed = CommittedTip()
        self._writer = GroupCommitWriter(
            lambda: PostgresqlTransaction(self._writing.connect(), options, self._macs, committed),
            meter=options.meter,
        )
        self._reader = GroupReader(
            self._snapshot, threads=options.pool_size, lost=self._reading.dispose
        )

    def read(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue the work for a reader; it is run a second time when the connection was cut."""
        return self._reader.submit(work)

    def write(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue the work for the writer."""
        return self._writer.submit(work)

    def vouch_with(self, macs: TipMac) -> None:
        """Have every growth of the audit log vouched for."""
        self._macs = macs

    def figures(self) -> Figures:
        """Return how many changes wait, and how busy the connections for readings are."""
        pool: Any = self._reading.pool
        used = pool.checkedout()
        return Figures(
            waiting_writes=self._writer.waiting,
            open_connections=pool.checkedin() + used,
            used_connections=used,
            most_connections=self._most,
        )

    def close(self) -> None:
        """Finish what was accepted and close every connection."""
        self._reader.close()
        self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator["PostgresqlSnapshot"]:
        """Open a snapshot on a connection of the pool."""
        with self._reading.connect() as connection, available(connection):
            raw: Any = connection.connection.dbapi_connection
            raw.execute(self._begin)
            # All who read on it were there before it was opened, and nobody comes to it later.
            moment = Moment()
            moment.open()
            try:
                yield PostgresqlSnapshot(open_session(connection, moment=moment), raw)
            finally:
                with contextlib.suppress(psycopg.Error):
                    raw.execute("ROLLBACK")
                if raw.closed:
                    connection.invalidate()


@dataclass(frozen=True, slots=True)
class PostgresqlSnapshot:
    """A transaction that only reads."""

    session: Session
    raw: psycopg.Connection[Any]

    @property
    def is_sound(self) -> bool:
        """Tell whether no statement has failed."""
        return self.raw.info.transaction_status == TransactionStatus.INTRANS


class PostgresqlTransaction:
    """The writer's connection.

    A transaction begins with its first statement, and with the lock that keeps all other processes
    from writing until it ends. So works that only record something keep nobody waiting while they
    run. Each statement sees what is committed, and under the lock nothing else is.
    """

    def __init__(
        self,
        connection: Connection,
        options: StoreOptions,
        macs: TipMac | None,
        committed: CommittedTip,
    ) -> None:
        """Hold the connection for good.

        Args:
            connection: the connection.
            options: how long to wait.
            macs: vouches for the tip of the audit log.
            committed: what this process has committed last.
        """
        self._connection = connection
        raw: Any = connection.connection.dbapi_connection
        self._raw: psycopg.Connection[Any] = raw
        self._growth = Growth(connection, grouped=True, macs=macs, committed=committed)
        self._reads = PostgresqlReads(connection, raw)
        self._session = open_session(connection, self._growth, self._reads)
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
        self._reads.begin()
        return self._session

    def attempt(self, work: Callable[[], T]) -> T:
        """Run one work; undo it alone when it raises."""
        mark, noted = self._growth.mark(), self._reads.mark()
        self._is_to_be_marked = True
        with available(self._connection):
            try:
                result = work()
                self._require_sound()
            except BaseException:
                self._undo_attempt()
                self._growth.undo(mark)
                self._reads.undo(noted)
                raise
            finally:
                self._is_to_be_marked = False
        return result

    def complete(self) -> None:
        """Write the audit entries and notes of all works."""
        if self._growth.is_due or self._reads.is_due:
            self._before_statement()
        self._growth.require_lockable()
        self._growth.write()
        with available(self._connection):
            self._reads.write()

    def commit(self) -> None:
        """Make everything durable."""
        if not self._begun:
            return
        try:
            # Of a transaction that failed the server makes a rollback, and says so only here.
            if self._raw.execute("COMMIT").statusmessage != "COMMIT":
                raise StorageUnavailable("the store has undone the change")
        except psycopg.errors.IdleInTransactionSessionTimeout as error:
            # The server had let go of it before: nothing is done.
            raise Conflict(_IN_DOUBT) from error
        except psycopg.Error as error:
            # Not to be run again: it is unknown whether it is done.
            raise StorageUnavailable(_IN_DOUBT) from error
        self._growth.committed()

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
        try:
            self._raw.execute(self._begin)
            if not self._growth.lock():
                # Whoever is to restore the row must be alone as well.
                self._raw.execute("LOCK TABLE audit_tree IN EXCLUSIVE MODE")
        finally:
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
