"""Prepared statements on PostgreSQL: the text that Core compiles goes to libpq as it is."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

import psycopg
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Executable

from adapters.sql.postgresql_engine import unavailable
from adapters.sql.postgresql_values import DECODERS, written, written_array
from adapters.sql.postgresql_wire import Run, Text, Wire
from adapters.sql.prepared import (
    BEFORE,
    MOST,
    Columns,
    Executed,
    Parameters,
    Planned,
    Prepared,
    Read,
)

T = TypeVar("T")

Row = tuple[bytes | None, ...]
"""What came for the columns of a row."""

_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Plan(Planned):
    """A compiled statement: its text, and its parameters in their places."""

    def __init__(self, statement: Executable, *, columns: Sequence[str] | None, read: Read) -> None:
        """Compile the statement; `columns` are those that an insertion gives, if not all."""
        self._statement = core = cast("Any", statement)
        compiled: Any = core.compile(dialect=_DIALECT, column_keys=columns)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._fixed = {
            name: bind.value
            for name, bind in compiled.binds.items()
            if bind.value is not None and not bind.required
        }
        self._read = read
        self._remembered: dict[Row, Any] = {}
        self.text = Text(str(compiled))
        of_many = _of_many(compiled)
        self.of_many = None if of_many is None else Text(of_many)

    @cached_property
    def of_one(self) -> Text:
        """Return a form of a change that the server itself fails when there is no row.

        Nobody else can say so between a statement and a commit that are sent together.
        """
        changed = self.text.text.decode()
        return Text(f"WITH changed AS ({changed} RETURNING 1) SELECT 1 / count(*) FROM changed")  # noqa: S608  our own statement

    def on(self, connection: Connection) -> Prepared:
        """Return it for one connection."""
        return PreparedOnPostgresql(
            self, Executed(self._statement, connection, self._read), connection
        )

    def values(self, parameters: Parameters) -> list[bytes | None]:
        """Return the parameters as they are sent."""
        given = {**self._fixed, **parameters} if self._fixed else parameters
        return [written(given.get(name)) for name in self._names]

    def arrays(self, rows: Sequence[Parameters]) -> list[bytes | None]:
        """Return the parameters of many rows, an array for each column."""
        return [
            written_array([row.get(name, self._fixed.get(name)) for row in rows])
            for name in self._names
        ]

    def read(self, result: PGresult) -> list[Any]:
        """Return what each row is read as."""
        return [self._meaning(row, result) for row in _rows(result)]

    def _meaning(self, row: Row, result: PGresult) -> Any:
        """Return what a row is read as."""
        found = self._remembered.get(row)
        if found is None:
            found = self._read(_columns(row, _readers(result)))
            if len(self._remembered) >= MOST:
                self._remembered.clear()
            self._remembered[row] = found
        return found


class PreparedOnPostgresql(Prepared):
    """One statement on one connection of PostgreSQL."""

    def __init__(self, plan: Plan, through_core: Executed, connection: Connection) -> None:
        """Take the compiled statement and where it runs; some go through Core there, too."""
        self._plan = plan
        self._through_core = through_core
        self._wire = Wire.of(connection)
        self._before: Callable[[], None] | None = connection.info.get(BEFORE)

    def one(self, parameters: Parameters) -> Columns | None:
        """Return the only row, or `None`."""
        found = self.all(parameters)
        return found[0] if found else None

    def read(self, parameters: Parameters) -> Any:
        """Return what the only row is read as, or `None`."""
        found = self.read_all(parameters)
        return found[0] if found else None

    def read_all(self, parameters: Parameters) -> list[Any]:
        """Return what every row is read as."""
        plan = self._plan
        return self._send(plan.text, plan.values(parameters), plan.read)

    def all(self, parameters: Parameters) -> Sequence[Columns]:
        """Return every row."""
        return self._send(self._plan.text, self._plan.values(parameters), _all)

    def run(self, parameters: Parameters) -> int:
        """Change something; return how many rows that was."""
        return self._send(self._plan.text, self._plan.values(parameters), _count)

    def run_each(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these, at least one."""
        if (batch := self._as_one(rows)) is None:
            self._through_core.run_each(rows)
        else:
            self._send(*batch, _count)

    def put(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these: with the commit, where its statements are held."""
        batch = self._as_one(rows)
        if batch is None or not self._wire.put(*batch):
            self.run_each(rows)

    def put_one(self, parameters: Parameters) -> bool:
        """Change one row, likewise."""
        held = self._wire.put(self._plan.of_one, self._plan.values(parameters))
        return held or self.run(parameters) == 1

    def _as_one(self, rows: Sequence[Parameters]) -> Run | None:
        """Return one statement for all rows, if there is such."""
        plan = self._plan
        if len(rows) == 1:
            return plan.text, plan.values(rows[0])
        return None if plan.of_many is None else (plan.of_many, plan.arrays(rows))

    def _send(self, text: Text, values: Sequence[bytes | None], take: Callable[[PGresult], T]) -> T:
        """Have a statement run, and return what is taken of its result."""
        if self._before is not None:
            self._before()
        try:
            return take(self._wire.run(text, values))
        except psycopg.IntegrityError as error:
            # As Core would: it concerns one work, and the repositories know what it means.
            raise IntegrityError(None, None, error, hide_parameters=True) from error
        except psycopg.Error as error:
            raise unavailable(error, self._wire.raw) from error


def _of_many(compiled: Any) -> str | None:
    """Write an insertion for rows that come as an array for each column: one statement for all.

    What is said of conflicts stays. Anything else than an insertion has no such form.
    """
    into, values, rest = str(compiled).partition("VALUES (")
    if not values or "$" in rest.partition(")")[2]:
        return None
    arrays = ", ".join(
        f"${place}::{compiled.binds[name].type.compile(dialect=_DIALECT)}[]"
        for place, name in enumerate(compiled.positiontup, 1)
    )
    return f"{into}SELECT * FROM unnest({arrays}){rest.partition(')')[2]}"  # noqa: S608  our own statement


def _rows(result: PGresult) -> list[Row]:
    """Return the rows as they came."""
    places = range(result.nfields)
    value = result.get_value
    return [tuple([value(row, place) for place in places]) for row in range(result.ntuples)]


def _all(result: PGresult) -> list[Columns]:
    """Return the rows of a result."""
    readers = _readers(result)
    return [_columns(row, readers) for row in _rows(result)]


def _columns(row: Row, readers: Sequence[Callable[[bytes], Any]]) -> Columns:
    """Return what a row holds."""
    return [None if data is None else read(data) for data, read in zip(row, readers, strict=True)]


def _readers(result: PGresult) -> Sequence[Callable[[bytes], Any]]:
    """Return what reads the columns.

    Raises:
        psycopg.DataError: one is of a type that none of ours has; somebody else changed it.
    """
    try:
        return [DECODERS[result.ftype(place)] for place in range(result.nfields)]
    except KeyError as error:
        raise psycopg.DataError("a column is of another type") from error


def _count(result: PGresult) -> int:
    """Return how many rows a statement changed."""
    return result.command_tuples or 0
