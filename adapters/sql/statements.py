"""Which way a prepared statement takes on which database."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.sql import Executable

from adapters.sql.prepared import Executed, Prepared
from adapters.sql.sqlite_prepared import Plan, PreparedOnSqlite


class Statement:
    """A statement written with Core, for any connection."""

    def __init__(self, core: Executable, *, columns: Sequence[str] | None = None) -> None:
        """Take the statement; `columns` are those that an insertion gives, if not all."""
        self._core = core
        self._columns = columns
        self._plan: Plan | None = None

    def on(self, connection: Connection) -> Prepared:
        """Return it for one connection."""
        if connection.dialect.name != "sqlite":
            return Executed(self._core, connection)
        # Every connection of SQLite has the same dialect, and compiling it twice does no harm.
        self._plan = self._plan or Plan(self._core, connection.dialect, columns=self._columns)
        return PreparedOnSqlite(self._plan, connection)
