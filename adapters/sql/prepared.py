"""Statements of the hot path: written with Core like all others, worked out once, run as they are.

Core keeps compiled statements anyway. What this saves is all that Core does around each execution,
which on a database in this process is several times the statement itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import Executable

Parameters = Mapping[str, Any]
Columns = Sequence[Any]
"""What a row holds, in the order in which it was selected."""

MOST = 1024
"""Rows whose meaning is remembered, for one statement."""

BEFORE = "strongroom.before_statement"
"""Under this name a connection may have something to be called before each statement."""

PLANS = "strongroom.plans"
"""Under this name a connection to a server may have what plans statements for its driver."""

Read = Callable[[Columns], Any]
"""Makes something of a row."""


class Prepared(ABC):
    """One statement on one connection."""

    @abstractmethod
    def one(self, parameters: Parameters) -> Columns | None:
        """Return the only row, or `None`."""

    @abstractmethod
    def read(self, parameters: Parameters) -> Any:
        """Return what the only row is read as, or `None`."""

    @abstractmethod
    def read_all(self, parameters: Parameters) -> list[Any]:
        """Return what every row is read as."""

    @abstractmethod
    def all(self, parameters: Parameters) -> Sequence[Columns]:
        """Return every row."""

    @abstractmethod
    def run(self, parameters: Parameters) -> int:
        """Change something; return how many rows that was."""

    @abstractmethod
    def run_each(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these, at least one."""

    def put(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these, at least one: now, or with the commit.

        A server is told at the end of a transaction what nobody looks at before, in one go with the
        commit. Then it is the commit that fails.
        """
        self.run_each(rows)

    def put_one(self, parameters: Parameters) -> bool:
        """Change one row, now or with the commit; tell whether it was not found to be there.

        With the commit, that there is none is an error.
        """
        return self.run(parameters) == 1


class Planned(ABC):
    """A statement that is worked out, for all connections of one kind."""

    @abstractmethod
    def on(self, connection: Connection) -> Prepared:
        """Return it for one connection."""


class Executed(Prepared):
    """Leaves everything to Core, whatever the database."""

    def __init__(self, statement: Executable, connection: Connection, read: Read) -> None:
        """Take the statement, where it runs, and how a row is read."""
        self._statement = statement
        self._connection = connection
        self._read = read

    def one(self, parameters: Parameters) -> Columns | None:
        """Return the only row, or `None`."""
        return self._execute(parameters).one_or_none()

    def read(self, parameters: Parameters) -> Any:
        """Return what the only row is read as, or `None`."""
        row = self._execute(parameters).one_or_none()
        return None if row is None else self._read(row)

    def read_all(self, parameters: Parameters) -> list[Any]:
        """Return what every row is read as."""
        return [self._read(row) for row in self._execute(parameters)]

    def all(self, parameters: Parameters) -> Sequence[Columns]:
        """Return every row."""
        return self._execute(parameters).all()

    def run(self, parameters: Parameters) -> int:
        """Change something; return how many rows that was."""
        return self._execute(parameters).rowcount

    def run_each(self, rows: Sequence[Parameters]) -> None:
        """Change something for each of these, at least one."""
        self._execute(rows)

    def _execute(self, parameters: Any) -> CursorResult[Any]:
        """Execute it."""
        result: Any = self._connection.execute(self._statement, parameters)
        return result  # type: ignore[no-any-return]
