"""Commands and statements that go to PostgreSQL as they are.

This is libpq as the driver lends it (`psycopg.pq`). What the driver's cursors do around each
statement, and Core around them, is several times what is left.
"""

import contextlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection

from adapters.sql.postgresql_engine import unavailable
from adapters.sql.postgresql_pipeline import answers_to

_WIRE = "strongroom.wire"
_FINE = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_BINARY = 1


class Text:
    """The text of a statement, and the name under which a session prepares it."""

    __slots__ = ("name", "text")

    def __init__(self, text: str) -> None:
        """Take the text, with its parameters as `$1`."""
        self.text = text.encode()
        # All processes agree on it: a pool that mixes up sessions mixes up no statements.
        self.name = f"strongroom_{sha256(self.text).hexdigest()[:24]}".encode()


Run = tuple[Text, Sequence[bytes | None]]
"""A statement and its parameters."""


class Wire:
    """One session of the server. What it raises are the driver's errors."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        """Take the driver's connection."""
        self.raw = raw
        self._pgconn = raw.pgconn
        self._prepares = raw.prepare_threshold is not None
        self._prepared: set[bytes] = set()
        self._ahead: Sequence[Run] = ()
        self._held: list[Run] | None = None
        self.is_refused = False
        """Whether the server did not do the first of what was to go ahead."""

    @classmethod
    def of(cls, connection: Connection) -> "Wire":
        """Return that of a connection, one for as long as the session lasts."""
        wire: Wire | None = connection.info.get(_WIRE)
        if wire is None:
            raw: Any = connection.connection.dbapi_connection
            wire = connection.info[_WIRE] = cls(raw)
        return wire

    def command(self, text: bytes) -> PGresult:
        """Run commands without parameters in one round trip, and return what the last came to."""
        return _checked(self._pgconn.exec_(text))

    def run(self, statement: Text, values: Sequence[bytes | None]) -> PGresult:
        """Run a statement, and return what came of it in binary."""
        if self._ahead and self._is_prepared(statement):
            return self._last_of([*self._ahead, (statement, values)])
        # To prepare one may mean to wait for a lock, for which what goes ahead says how long.
        self.go_ahead()
        return self._run_alone(statement, values)

    def _run_alone(self, statement: Text, values: Sequence[bytes | None]) -> PGresult:
        """Run a statement with nothing ahead of it."""
        if not self._prepares:
            result = self._pgconn.exec_params(statement.text, values, result_format=_BINARY)
            return _checked(result)
        self._prepare(statement)
        # It takes `None` as the one above does, and says so there only.
        given: Any = values
        return _checked(self._pgconn.exec_prepared(statement.name, given, result_format=_BINARY))

    def together(self, runs: Sequence[Run]) -> list[PGresult]:
        """Run statements in one round trip, and return what each came to.

        What failed is told by the last answer, and not raised: the server did nothing behind it.
        """
        prepares = self._prepares
        for statement, _ in runs:
            self._prepare(statement)
        sent = [(one.name if prepares else one.text, values, prepares) for one, values in runs]
        return answers_to(self._pgconn, sent)

    def ahead(self, runs: Sequence[Run]) -> None:
        """Have statements go ahead of the next one that is run, in the same round trip."""
        self._ahead = runs
        self.is_refused = False

    @property
    def is_ahead(self) -> bool:
        """Tell whether something is still to go ahead of the next statement."""
        return bool(self._ahead)

    def go_ahead(self) -> None:
        """Run now what was to go ahead of the next statement, unless that has gone."""
        if self._ahead:
            self._last_of(self._ahead)

    def hold(self) -> None:
        """Hold back from now on what is put, until it is taken."""
        self._held = []

    def put(self, statement: Text, values: Sequence[bytes | None]) -> bool:
        """Take a statement if such are held back; tell whether it was."""
        if self._held is None:
            return False
        self._held.append((statement, values))
        return True

    @property
    def held(self) -> int:
        """Return how many statements are held back."""
        return len(self._held or ())

    def take(self) -> list[Run]:
        """Return what is held back, and hold nothing any more."""
        held, self._held = self._held or [], None
        return held

    def _last_of(self, runs: Sequence[Run]) -> PGresult:
        """Run what goes ahead, and perhaps more, in one round trip; return what the last came to.

        It has gone when there is a transaction, and is tried again with the next statement if not.
        """
        self.is_refused = True
        try:
            answers = self.together(runs)
            self.is_refused = not answers or failure(answers[0]) is not None
            for answer in answers:
                _checked(answer)
        finally:
            if self.raw.info.transaction_status != TransactionStatus.IDLE:
                self._ahead = ()
        if len(answers) < len(runs):
            raise psycopg.OperationalError("the server did not answer every statement")
        return answers[-1]

    def _is_prepared(self, statement: Text) -> bool:
        """Tell whether nothing is left to prepare."""
        return not self._prepares or statement.name in self._prepared

    def _prepare(self, statement: Text) -> None:
        """Have a statement prepared, once."""
        if not self._is_prepared(statement):
            _checked(self._pgconn.prepare(statement.name, statement.text))
            self._prepared.add(statement.name)


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


def failure(result: PGresult) -> psycopg.Error | None:
    """Return what a result says went wrong, or `None`."""
    return None if result.status in _FINE else psycopg.errors.error_from_result(result)


def _checked(result: PGresult) -> PGresult:
    """Return a result that is none of a failure."""
    if error := failure(result):
        raise error
    return result
