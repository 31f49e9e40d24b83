import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer, running
from tests.postgresql import Server

FOLDER = Path(__file__).parent / "postgresql"
"""What is in here is on PostgreSQL without being asked for it."""

_names = count(1)


def is_on_postgresql(node: pytest.Item | pytest.Collector) -> bool:
    """Tell whether the servers of a test or a module are to keep their stores in PostgreSQL."""
    return FOLDER in node.path.parents or os.environ.get("STORE") == "postgresql"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what is about the files of SQLite where stores are in PostgreSQL."""
    marker = item.get_closest_marker("sqlite")
    if marker is not None and is_on_postgresql(item):
        pytest.skip(f"about SQLite alone: {marker.args[0]}")


@pytest.fixture(scope="module")
def database_server(postgresql: Server) -> Server:
    """The server of PostgreSQL that has the stores of a module."""
    return postgresql


@pytest.fixture(scope="module", autouse=True)
def _stores(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each data folder of a module a database, where PostgreSQL is asked for."""
    if not is_on_postgresql(request.node):
        yield
        return
    with stores.in_postgresql(request.getfixturevalue("database_server")):
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
    if not is_on_postgresql(request.node):
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
