"""A client that is slow, silent or gone takes nothing away from the others."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import RunningServer, running
from tests.e2e.test_bad_input import connection

PLACES = 8

HEAD = b"POST /api/secrets HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"

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
        "STRONGROOM_BODY_TIMEOUT_SECONDS": "1",
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


@pytest.mark.parametrize("framing", [b"content-length: 99", b"transfer-encoding: chunked"])
def test_a_body_that_does_not_come_is_refused(server: RunningServer, framing: bytes) -> None:
    with connection(server) as stream:
        stream.settimeout(20)
        stream.sendall(HEAD + framing + b"\r\n\r\n")
        assert stream.recv(65536).startswith(b"HTTP/1.1 408 ")
        assert ended(stream)


def test_a_client_that_goes_away_in_its_body_is_no_failure_of_ours(server: RunningServer) -> None:
    with connection(server) as stream:
        stream.sendall(HEAD + b'content-length: 99\r\n\r\n{"name":')
    deadline = time.monotonic() + 20
    while '"status": 400' not in server.log_text and time.monotonic() < deadline:
        time.sleep(0.02)
    assert '"status": 400' in server.log_text
    assert '"failed"' not in server.log_text


def ended(stream: socket.socket) -> bool:
    """Read until the server ends the connection; time out when it does not."""
    try:
        while stream.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True
