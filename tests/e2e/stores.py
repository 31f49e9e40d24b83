"""Where the store of a data folder is, and a way to it past every server.

It is the folder's own SQLite file or, while tests run on PostgreSQL, a database of its own there.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, NullPool, create_engine, inspect, text

if TYPE_CHECKING:
    from tests.postgresql import Server

FILE = "secrets.db"
OWNER = "strongroom"
"""Who owns the databases: a role without further rights, as an operator gives it."""

MEDDLER = "postgres"
"""Who writes past the servers, and past what a database forbids."""


class Databases:
    """A database of one server for each data folder that somebody asks for."""

    def __init__(self, server: "Server") -> None:
        """Have the role that owns them."""
        self._server = server
        self._names: dict[Path, str] = {}
        if not server.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'"):  # noqa: S608
            server.execute(f"CREATE ROLE {OWNER} LOGIN")

    def url(self, folder: Path, user: str = OWNER) -> str:
        """Return the URL of the database of a folder, which is made where there is none."""
        if folder not in self._names:
            self._names[folder] = self._server.new_database(owner=OWNER)
        return self._server.url(self._names[folder], user)

    def copy(self, source: Path, target: Path) -> None:
        """Give a folder what another one has, while no server has it open."""
        self.url(source)
        self.drop(target)
        copied = self._server.new_database(owner=OWNER, template=self._names[source])
        self._names[target] = copied

    def drop(self, folder: Path) -> None:
        """Lose the database of a folder."""
        if folder in self._names:
            self._server.drop(self._names.pop(folder))

    def end(self) -> None:
        """Drop them all, and see that no folder has kept its store beside them."""
        beside = [folder for folder in self._names if (folder / FILE).exists()]
        for folder in list(self._names):
            self.drop(folder)
        assert beside == [], "a command was not told of the database"


_chosen = list[Databases]()


@contextlib.contextmanager
def in_postgresql(server: "Server") -> Iterator[None]:
    """Have the stores of all data folders in a server of PostgreSQL until the block ends."""
    databases = Databases(server)
    _chosen.append(databases)
    try:
        yield
    finally:
        _chosen.pop()
        databases.end()


def are_in_postgresql() -> bool:
    """Tell whether stores are in PostgreSQL now."""
    return bool(_chosen)


def url_of(folder: Path) -> str:
    """Return the URL of the store of a folder, as a server is given it."""
    return _chosen[-1].url(folder) if _chosen else f"sqlite:///{folder / FILE}"


def settings_of(line: Sequence[str]) -> Mapping[str, str]:
    """Return the settings of the store of the data folder that a command line names, if it does."""
    if not _chosen or "--data-dir" not in line or "--database-url" in line:
        return {}
    folder = Path(line[line.index("--data-dir") + 1])
    return {"STRONGROOM_DATABASE_URL": url_of(folder)}


def is_there(folder: Path) -> bool:
    """Tell whether a folder has a store."""
    return bool(everything(folder)) if _chosen else (folder / FILE).exists()


def copy(source: Path, target: Path) -> None:
    """Copy a data folder and its store, which no server has open."""
    shutil.copytree(source, target)
    if _chosen:
        _chosen[-1].copy(source, target)


def remove(folder: Path) -> None:
    """Lose a data folder and its store."""
    shutil.rmtree(folder)
    if _chosen:
        _chosen[-1].drop(folder)


def remove_store(folder: Path) -> None:
    """Lose the store of a folder, and nothing else."""
    if _chosen:
        _chosen[-1].drop(folder)
    else:
        (folder / FILE).unlink()


@contextlib.contextmanager
def connected(folder: Path) -> Iterator[Connection]:
    """Open the store of a folder as somebody who may write whatever the database can hold."""
    if _chosen:
        address = _chosen[-1].url(folder, MEDDLER).replace("postgresql:", "postgresql+psycopg:", 1)
        engine = create_engine(address, poolclass=NullPool)
    else:
        connect_args = {"timeout": 30}
        engine = create_engine(url_of(folder), poolclass=NullPool, connect_args=connect_args)
    with engine.begin() as connection:
        if _chosen:
            # As SQLite does unless it is told otherwise: rows need not fit those of other tables.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        yield connection


def execute(folder: Path, *statements: str, **values: object) -> list[tuple[Any, ...]]:
    """Run statements in the store of a folder, and return the rows of the last one."""
    with connected(folder) as connection:
        for statement in statements:
            if values:
                result = connection.execute(text(statement), values)
            else:  # what looks like a parameter is a part of a value
                as_it_is = connection.execution_options(no_parameters=True)
                result = as_it_is.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []


def everything(folder: Path) -> dict[str, list[str]]:
    """Return all rows of all tables of the store of a folder."""
    with connected(folder) as connection:
        names = sorted(inspect(connection).get_table_names())
        return {
            name: sorted(map(str, connection.exec_driver_sql(f"SELECT * FROM {name}")))  # noqa: S608
            for name in names
        }


def assert_whole(folder: Path) -> None:
    """See that a file is not damaged; a database server is not killed with its callers."""
    if not _chosen:
        assert execute(folder, "PRAGMA integrity_check") == [("ok",)]
