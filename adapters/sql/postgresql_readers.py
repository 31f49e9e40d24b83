"""Connections that are read on: each with its session, kept for the next who reads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event

from adapters.sql.postgresql_secrets import postgresql_secrets
from adapters.sql.postgresql_wire import Run, Wire, available
from adapters.sql.session import open_session
from domain.ports.moment import Moment
from domain.secrets.reference import Reference

IDLE_SECONDS = 5.0
"""A connection that was unused for so long is tried before it is used."""

_OPENED = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})


class Reader:
    """One connection, and the snapshots on it, one after the other."""

    def __init__(self, connection: Connection, begin: Sequence[Run]) -> None:
        """Hold the connection; `begin` opens a snapshot."""
        self._connection = connection
        self._begin = begin
        self._wire = Wire.of(connection)
        self._moment = Moment()
        self._secrets = postgresql_secrets(connection)
        self.session = open_session(connection, moment=self._moment, secrets=self._secrets)
        event.listen(connection, "before_cursor_execute", self._before_statement)
        self.made = self.used = time.monotonic()

    @property
    def is_refused(self) -> bool:
        """Tell whether the server was told to open the snapshot, and did not."""
        return self._wire.is_refused

    @property
    def is_sound(self) -> bool:
        """Tell whether no statement has failed."""
        is_to_begin = self._status == TransactionStatus.IDLE and self._wire.is_ahead
        return is_to_begin or self._status == TransactionStatus.INTRANS

    @property
    def has_looked_in_vain(self) -> bool:
        """Tell whether it failed to find what several will look for."""
        return self._secrets.has_looked_in_vain

    @property
    def is_free(self) -> bool:
        """Tell whether it is there, and its last snapshot ended: the next may be opened."""
        return self._status == TransactionStatus.IDLE

    @property
    def _status(self) -> TransactionStatus:
        """Return what the server said last of the transaction."""
        return self._wire.raw.info.transaction_status

    @contextlib.contextmanager
    def snapshot(self, foreseen: Sequence[Reference]) -> Iterator["Reader"]:
        """Open a snapshot with the first statement on it, for works that will look for these."""
        with available(self._connection):
            self._wire.ahead(self._begin)
            # All who read on it were there before it is opened, and nobody comes to it later.
            self._moment.open()
            try:
                with self._secrets.foreseeing(foreseen):
                    yield self
            finally:
                self._moment.close()
                self._wire.ahead(())
                # What is not ended by this is not used again.
                if self._status in _OPENED:
                    with contextlib.suppress(psycopg.Error):
                        self._wire.command(b"ROLLBACK")

    def _before_statement(self, *_of_event: object) -> None:
        """Open the snapshot for a statement that takes another way."""
        with available(self._connection):
            self._wire.go_ahead()

    def answers(self) -> bool:
        """Try the connection."""
        try:
            self._wire.command(b"SELECT 1")
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        """Close the connection, which raises nothing: those who read on it have their answers."""
        with contextlib.suppress(Exception):
            if not self.is_free:
                # Core would end its transaction otherwise, on a connection that is gone.
                self._connection.invalidate()
            self._connection.close()


class Readers:
    """Those that nobody uses at this moment. Whoever uses them sees to it that they are few."""

    def __init__(self, make: Callable[[], Reader], *, recycle: float) -> None:
        """Take what makes one, and after how many seconds one is replaced; 0 is never."""
        self._make = make
        self._recycle = recycle
        self._lock = threading.Lock()
        self._free: list[Reader] = []
        self._used: set[Reader] = set()

    @property
    def used(self) -> int:
        """Return how many are used."""
        return len(self._used)

    @property
    def open(self) -> int:
        """Return how many there are."""
        return len(self._free) + len(self._used)

    @contextlib.contextmanager
    def one(self) -> Iterator[Reader]:
        """Lend one, that which was used last: it is the most likely to be well."""
        reader = self._take() or self._make()
        with self._lock:
            self._used.add(reader)
        try:
            yield reader
        finally:
            reader.used = time.monotonic()
            with self._lock:
                # Not one that was let go of meanwhile.
                kept = reader in self._used and reader.is_free
                self._used.discard(reader)
                if kept:
                    self._free.append(reader)
            if not kept:
                reader.close()

    def let_go(self) -> None:
        """Close all: those that are used, when they are given back."""
        with self._lock:
            free, self._free = self._free, []
            self._used.clear()
        for reader in free:
            reader.close()

    def _take(self) -> Reader | None:
        """Take one that can be used, if there is one."""
        while True:
            with self._lock:
                if not self._free:
                    return None
                reader = self._free.pop()
            now = time.monotonic()
            is_old = 0 < self._recycle < now - reader.made
            if not is_old and (now - reader.used < IDLE_SECONDS or reader.answers()):
                return reader
            reader.close()
