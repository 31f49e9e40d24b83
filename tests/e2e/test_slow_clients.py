"""A client that is slow, silent or gone takes nothing away from the others."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import RunningServer, running
from tests.e2e.test_bad_input import connection

PLACES = 8

OPENINGS = {
    "nothing at all": b"",
    "one letter": b"G",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "half a preface of HTTP/2": b"PRI * HT",
    "half a head": b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n",
    "a whole request, and then silence": b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that waits for one second and takes few connections."""
    env = {
        "STRONGROOM_HEADER_TIMEOUT_SECONDS": "1",
        "STRONGROOM_MAX_CONNECTIONS": str(PLACES),
    }
    folder: Path = tmp_path_factory.mktemp("slow") / "data"
    with running(folder, env=env) as started:
        yield started


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS.keys())
def test_a_client_that_falls_silent_is_cut_off(server: RunningServer, opening: bytes) -> None:
    with connection(server) as stream:
        stream.settimeout(20)
        stream.sendall(opening)
        assert ended(stream)


def test_silent_clients_on_every_place_do_not_keep_the_others_out(server: RunningServer) -> None:
    silent = [connection(server) for _ in range(PLACES + 2)]
    try:
        assert server.client.get("/health/live", timeout=20).is_success
    finally:
        for stream in silent:
            stream.close()


def ended(stream: socket.socket) -> bool:
    """Read until the server ends the connection; time out when it does not."""
    try:
        while stream.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True
