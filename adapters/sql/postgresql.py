"""The shared store: PostgreSQL, read on worker threads, written by one process at a time."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event

from adapters.sql.audit_growth import Growth
from adapters.sql.committed_tip import CommittedTip
from adapters.sql.group_commit import Conflict, GroupCommitWriter
from adapters.sql.group_reading import GroupReader
from adapters.sql.postgresql_address import Address
from adapters.sql.postgresql_engine import open_engine, unavailable
from adapters.sql.postgresql_prepared import Plan
from adapters.sql.postgresql_readers import Reader, Readers
from adapters.sql.postgresql_reads import PostgresqlReads
from adapters.sql.postgresql_wire import Run, Text, Wire, available, failure
from adapters.sql.prepared import BEFORE, PLANS
from adapters.sql.session import open_session
from adapters.sql.tip_row import UNFIT
from domain.errors import StorageUnavailable
from domain.ports.storage import Session, Storage
from domain.ports.storage_figures import Figures, StorageFigures
from domain.ports.store import StoreOptions
from domain.ports.tip_mac import TipMac
from domain.secrets.reference import Reference

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
        self._engine = open_engine(address, options)
        self._most = options.pool_size
        begin = _beginning(_BEGIN_READING, options)
        self._readers = Readers(
            lambda: Reader(self._connect(), begin), recycle=options.pool_recycle
        )
        self._macs: TipMac | None = None
        committed = CommittedTip()
        self._writer = GroupCommitWriter(
            lambda: PostgresqlTransaction(self._connect(), options, self._macs, committed),
            meter=options.meter,
        )
        self._reader = GroupReader(
            self._snapshot, threads=options.pool_size, lost=self._readers.let_go
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
        return Figures(
            waiting_writes=self._writer.waiting,
            open_connections=self._readers.open,
            used_connections=self._readers.used,
            most_connections=self._most,
        )

    def close(self) -> None:
        """Finish what was accepted and close every connection."""
        self._reader.close()
        self._writer.close()
        self._readers.let_go()

    def _connect(self) -> Connection:
        """Make a connection on which prepared statements go straight to the driver."""
        connection = self._engine.connect()
        connection.info[PLANS] = Plan
        return connection

    @contextlib.contextmanager
    def _snapshot(self, foreseen: Sequence[Reference]) -> Iterator[Reader]:
        """Open a snapshot."""
        with self._readers.one() as reader, reader.snapshot(foreseen):
            yield reader


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
        self._wire = Wire.of(connection)
        self._raw = self._wire.raw
        connection.info[BEFORE] = self._before_statement
        self._growth = Growth(connection, grouped=True, macs=macs, committed=committed)
        self._reads = PostgresqlReads(connection, self._wire)
        self._session = open_session(connection, self._growth, self._reads)
        self._begin = _beginning(_BEGIN, options)
        self._begun = self._marked = self._is_to_be_marked = False
        self._of_growth = 0
        event.listen(connection, "before_cursor_execute", self._before_statement)

    def begin(self, *, patient: bool) -> Session:
        """Begin with nothing; the transaction is opened by the first statement, and waits then."""
        del patient
        self._begun = self._marked = self._is_to_be_marked = False
        self._wire.take()
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
        """Write the audit entries and notes of all works, to be sent with the commit."""
        if self._growth.is_due or self._reads.is_due:
            self._before_statement()
        self._growth.require_lockable()
        self._wire.hold()
        self._growth.write()
        self._of_growth = self._wire.held
        with available(self._connection):
            self._reads.write()

    def commit(self) -> None:
        """Make everything durable."""
        if not self._begun:
            return
        held = self._wire.take()
        with available(self._connection):
            answers = self._wire.together([*held, (_COMMIT, ())])
        for place, answer in enumerate(answers[: len(held) + 1]):
            if (error := failure(answer)) is not None:
                raise self._undone(place, error, before_commit=place < len(held)) from error
        if len(answers) <= len(held):
            raise StorageUnavailable(_IN_DOUBT)
        # Of a transaction that failed the server makes a rollback, and says so only here.
        if answers[len(held)].command_status != b"COMMIT":
            raise StorageUnavailable("the store has undone the change")
        self._growth.committed()

    def _undone(
        self, place: int, error: psycopg.Error, *, before_commit: bool
    ) -> StorageUnavailable:
        """Return our error for what a transaction failed with at its end.

        Where the server itself says what one of the statements before the commit failed with, it
        has passed over the commit: nothing is done. It says so, too, when it has let go of the
        transaction before. What anybody else says, as that the connection was lost, says nothing
        about how far the server went.
        """
        if isinstance(error, psycopg.errors.IdleInTransactionSessionTimeout):
            return Conflict(_IN_DOUBT)
        if not before_commit or not _is_told_by_server(error, lost=self._raw.closed):
            # Not to be run again: it is unknown whether it is done.
            return StorageUnavailable(_IN_DOUBT)
        if place < self._of_growth and isinstance(error, _UNFITTING):
            return StorageUnavailable(UNFIT)
        return unavailable(error, self._raw)

    def rollback(self) -> None:
        """Undo everything."""
        self._wire.take()
        with available(self._connection):
            if self._begun and not self._raw.closed:
                self._wire.command(b"ROLLBACK")

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
                again = b"RELEASE one; " if self._marked else b""
                self._wire.command(again + b"SAVEPOINT one")
                self._marked = True

    def _open(self) -> None:
        """Open the transaction and take the lock.

        Before any savepoint, because undone with one it would be given back.
        """
        self._begun = True
        later, self._is_to_be_marked = self._is_to_be_marked, False
        try:
            self._wire.ahead(self._begin)
            if not self._growth.lock():
                # Whoever is to restore the row must be alone as well.
                self._wire.command(b"LOCK TABLE audit_tree IN EXCLUSIVE MODE")
        finally:
            self._is_to_be_marked = later

    def _undo_attempt(self) -> None:
        """Undo what a work did, unless it did nothing or the connection is gone."""
        if self._begun and not self._is_to_be_marked and not self._raw.closed:
            self._wire.command(b"ROLLBACK TO one")

    def _require_sound(self) -> None:
        """See that no statement failed unseen: the server does nothing more until it is undone."""
        if self._raw.info.transaction_status == TransactionStatus.INERROR:
            raise RuntimeError("a work went on after a statement that failed")


_BEGIN_READING = Text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_BEGIN = Text("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE")
_LIMITS = Text("""
SELECT set_config('statement_timeout', $1, true),
set_config('idle_in_transaction_session_timeout', $2, true), set_config('lock_timeout', $3, true),
CASE current_setting('synchronous_commit') WHEN 'off'
THEN set_config('synchronous_commit', 'on', true) END
""")
"""A commit is on disk before it is answered, whatever the server is set to."""
_COMMIT = Text("COMMIT")

_UNFITTING = (psycopg.IntegrityError, psycopg.errors.DivisionByZero)
"""What comes of entries that are there already, or of a tip that is not there."""

_ENDED = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)
"""With these words the server itself ends a session, in place of an answer."""


def _is_told_by_server(error: psycopg.Error, *, lost: bool) -> bool:
    """Tell whether an error is the server's own word on a statement.

    The library has no code for its own, and a pool between us and the server has others.
    """
    return isinstance(error, _ENDED) if lost else error.sqlstate is not None


_IN_DOUBT = "the connection was lost while a change was being made durable; it may be done"


def _beginning(begin: Text, options: StoreOptions) -> Sequence[Run]:
    """Return what opens a transaction and says how long things may take in it.

    For each transaction anew, because between us and the server may stand a pool that gives a
    session to many.
    """
    limits = (options.statement_timeout, IDLE_SECONDS, options.busy_timeout)
    return (begin, ()), (_LIMITS, [b"%d" % int(limit * 1000) for limit in limits])
