"""Prepared statements on SQLite: the text that Core compiles goes to the driver as it is."""

import re
import sqlite3
from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from adapters.sql.prepared import BEFORE, MOST, Columns, Parameters, Prepared, Read
from adapters.sql.sqlite_errors import translated

_COUNT = attrgetter("rowcount")

TOGETHER = 20
"""Rows that are inserted by one statement. More of them save next to nothing."""


class Plan:
    """A compiled statement: its text, its parameters in their places, and what is converted."""

    def __init__(
        self,
        statement: Executable,
        dialect: Dialect,
        *,
        columns: Sequence[str] | None,
        read: Read,
    ) -> None:
        """Compile the statement; `columns` are those that an insertion gives, if not all."""
        self._read = read
        self._remembered: dict[tuple[Any, ...], Any] = {}
        core: Any = statement
        compiled: Any = core.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  every statement of ours is one
        self.text = str(compiled)
        self.of_many = _of_many(self.text)
        names: Sequence[str] = compiled.positiontup or ()
        self._names = names
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._given = [
            (name, convert)
            for name in dict.fromkeys(names)
            if (convert := compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        ]
        self._taken = [
            (place, convert)
            for place, kind in enumerate(_kinds(statement))
            if (convert := kind.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def values(self, parameters: Parameters) -> list[Any]:
        """Return the parameters as the driver takes them."""
        given = parameters
        if self._fixed or self._given:
            given = {**self._fixed, **parameters}
            for name, convert in self._given:
                given[name] = convert(given.get(name))
        return list(map(given.get, self._names))

    def values_of_many(self, rows: Sequence[Parameters]) -> list[Sequence[Any]]:
        """Return the parameters of many rows, put together column by column, which is quicker."""
        columns: dict[str, Sequence[Any]] = {}
        convert_by_name = dict(self._given)
        for name in dict.fromkeys(self._names):
            fixed = self._fixed.get(name)
            column = [row.get(name, fixed) for row in rows]
            convert = convert_by_name.get(name)
            columns[name] = column if convert is None else list(map(convert, column))
        return list(zip(*(columns[name] for name in self._names), strict=True))

    def read(self, row: tuple[Any, ...]) -> Any:
        """Return what a row of the driver is read as."""
        found = self._remembered.get(row)
        if found is None:
            found = self._read(self.columns(row))
            if len(self._remembered) >= MOST:
                self._remembered.clear()
            self._remembered[row] = found
        return found

    def columns(self, row: Sequence[Any]) -> Columns:
        """Return what a row of the driver holds."""
        if not self._taken:
            return row
        columns = list(row)
        for place, convert in self._taken:
            columns[place] = convert(columns[place])
        return columns


class PreparedOnSqlite(Prepared):
    """One statement on one connection of SQLite."""

    def __init__(self, plan: Plan, connection: Connection) -> None:
        """Take the compiled statement and where it runs."""
        self._plan = plan
        self._driver: Any = connection.connection.dbapi_connection
        self._before: Callable[[], None] | None = connection.info.get(BEFORE)

    def one(self, parameters: Parameters) -> Columns | None:
        """Return the only row, or `None`."""
        row = self._execute(parameters, sqlite3.Cursor.fetchone)
        return None if row is None else self._plan.columns(row)

    def read(self, parameters: Parameters) -> Any:
        """Return what the only row is read as, or `None`."""
        row = self._execute(parameters, sqlite3.Cursor.fetchone)
        return None if row is None else self._plan.read(row)

    def read_all(self, parameters: Parameters) -> list[Any]:
        """Return what every row is read as."""
        rows = self._execute(parameters, sqlite3.Cursor.fetchall)
        return [self._plan.read(row) for row in rows]

    def all(self, parameters: Parameters) -> Sequence[Columns]:
        """Return every row."""
        return [
            self._plan.columns(row) for row in self._execute(parameters, sqlite3.Cursor.fetchall)
        ]

    def run(self, parameters: Parameters) -> int:
        """Change something; return how many rows that was."""
        count: int = self._execute(parameters, _COUNT)
        return count

    def run_each(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these, at least one."""
        plan, many = self._plan, len(rows) // TOGETHER * TOGETHER
        values = plan.values_of_many(rows) if many else [plan.values(row) for row in rows]
        if plan.of_many is None:
            many = 0
        if self._before is not None:
            self._before()
        try:
            for start in range(0, many, TOGETHER):
                some = chain.from_iterable(values[start : start + TOGETHER])
                self._driver.execute(plan.of_many, list(some))
            self._driver.executemany(plan.text, values[many:])
        except sqlite3.Error as error:
            raise translated(error) from error

    def _execute(self, parameters: Parameters, take: Callable[[sqlite3.Cursor], Any]) -> Any:
        """Execute it, and return what is taken of it: a row may fail only when it is fetched."""
        plan = self._plan
        if self._before is not None:
            self._before()
        try:
            return take(self._driver.execute(plan.text, plan.values(parameters)))
        except sqlite3.Error as error:
            raise translated(error) from error


def _of_many(text: str) -> str | None:
    """Write an insertion of values for `TOGETHER` rows. Anything else has no such form.

    What is said of conflicts stays, unless it has parameters, which differ from row to row. One
    statement costs half of what as many cost, and the driver lets go of the interpreter lock at
    each, and may have to wait until it has it back.
    """
    found = re.fullmatch(r"(INSERT INTO .* VALUES )(\((?:\?, )*\?\))([^?]*)", text, re.DOTALL)
    if found is None:
        return None
    into, values, rest = found.groups()
    return f"{into}{', '.join([values] * TOGETHER)}{rest}"


def _kinds(statement: Executable) -> Sequence[TypeEngine[Any]]:
    """Return the types of the columns that come back."""
    if isinstance(statement, Select):
        return [column.type for column in statement.selected_columns]
    returned: Any = getattr(statement, "_returning", ())
    return [column.type for column in returned]
