import contextlib
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import RunningServer, on_database, running
from tests.postgresql import Server

_names = count(1)


def is_on_postgresql(request: pytest.FixtureRequest) -> bool:
    """Tell whether the servers of a module are to keep their store in PostgreSQL."""
    return ".postgresql." in request.module.__name__ or os.environ.get("STORE") == "postgresql"


@contextlib.contextmanager
def on_fresh_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have everything use a new database, where PostgreSQL is asked for."""
    if not is_on_postgresql(request):
        yield
        return
    server: Server = request.getfixturevalue("postgresql")
    with on_database(server.url(server.new_database())):
        yield


@pytest.fixture(scope="module", autouse=True)
def _database_of_module(request: pytest.FixtureRequest) -> Iterator[None]:
    with on_fresh_database(request):
        yield


@pytest.fixture(autouse=True)
def _database_of_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give a test with a data folder of its own a database of its own, too."""
    with on_fresh_database(request) if "data_dir" in request.fixturenames else _nothing():
        yield


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield


@pytest.fixture(scope="session")
def _server_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One server for all tests that do not stop it."""
    if not is_on_postgresql(request):
        yield request.getfixturevalue("_server_on_sqlite")
        return
    with running(tmp_path_factory.mktemp("server") / "data") as started:
        yield started


@pytest.fixture
def client(server: RunningServer) -> httpx.Client:
    return server.client


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"tests/secret-{next(_names)}"
