"""Which way a prepared statement takes on which database."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.sql import Executable

from adapters.sql.prepared import PLANS, Executed, Planned, Prepared, Read
from adapters.sql.sqlite_prepared import Plan, PreparedOnSqlite


class Statement:
    """A statement written with Core, for any connection."""

    def __init__(
        self, core: Executable, *, columns: Sequence[str] | None = None, read: Read = tuple
    ) -> None:
        """Take the statement.

        Args:
            core: the statement.
            columns: those that an insertion gives, if not all.
            read: what is made of a row. The same columns must always make the same, because what
                was made is remembered: what a row means never changes, so that needs no proof of
                freshness. For rows that are few and read by every call.
        """
        self._core = core
        self._columns = columns
        self._read = read
        self._plan: Plan | None = None
        self._planned: Planned | None = None

    def on(self, connection: Connection) -> Prepared:
        """Return it for one connection."""
        if connection.dialect.name != "sqlite":
            return self._on_server(connection)
        # Every connection of SQLite has the same dialect, and compiling it twice does no harm.
        self._plan = self._plan or Plan(
            self._core, connection.dialect, columns=self._columns, read=self._read
        )
        return PreparedOnSqlite(self._plan, connection)

    def _on_server(self, connection: Connection) -> Prepared:
        """Return it for a connection to a server, whose driver is not loaded without one."""
        plan: Callable[..., Planned] | None = connection.info.get(PLANS)
        if plan is None:
            return Executed(self._core, connection, self._read)
        self._planned = self._planned or plan(self._core, columns=self._columns, read=self._read)
        return self._planned.on(connection)
