"""Every answer is closed to caches, frames, sniffing and other pages, whatever kind it is."""

import asyncio
from collections.abc import Callable, Mapping

import httpx
import pytest

from adapters.http.app import HANDLERS
from tests.e2e.running import RunningServer
from tests.e2e.test_bad_input import connection
from tests.e2e.test_secrets_api import create
from tests.integration.test_rate_limits import edge

CLOSED = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}

ROUTES = sorted(
    {
        (str(method), path)
        for handler in HANDLERS
        for path in handler.paths
        for method in (*handler.http_methods, "HEAD", "PATCH")
    }
)


def closed(headers: Mapping[str, str], *, but: str = "") -> None:
    """See that the headers are there, but for one."""
    expected = {name: value for name, value in CLOSED.items() if name != but}
    assert {name: headers.get(name) for name in expected} == expected
    assert headers["content-security-policy"].startswith("default-src 'none';")
    assert len(headers["x-request-id"]) == 16


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_answers_closed(client: httpx.Client, method: str, path: str) -> None:
    address = "/".join("0" if part.startswith("{") else part for part in path.split("/"))
    if (method, path) == ("POST", "/api/keys/rotate") or "rotate-root" in path:
        address += "/0"  # not here: others share this server
    answer = client.request(method, address)
    assert answer.status_code != 500
    closed(answer.headers)


KINDS: Mapping[int, Callable[[httpx.Client, int], httpx.Response]] = {
    400: (lambda client, _: client.post("/api/secrets", json={"name": ""})),
    403: (lambda client, _: client.get("/docs", headers={"host": "evil.example"})),
    404: (lambda client, _: client.get("/nowhere")),
    405: (lambda client, _: client.request("BREW", "/api/secrets")),
    406: (lambda client, _: client.get("/api/secrets", headers={"accept": "image/png"})),
    412: (
        lambda client, number: client.put(
            f"/api/secrets/{number}", json={"value": "w"}, headers={"if-match": '"99"'}
        )
    ),
    413: (
        lambda client, _: client.post(
            "/api/secrets", content=b" " * 2**20, headers={"content-type": "application/json"}
        )
    ),
    415: (lambda client, _: client.post("/api/secrets", content=b"{}")),
}


@pytest.mark.parametrize("status", KINDS)
def test_every_refusal_is_closed(client: httpx.Client, name: str, status: int) -> None:
    answer = KINDS[status](client, create(client, name))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    closed(answer.headers)


def test_an_answer_to_a_page_that_asks_first_is_closed(client: httpx.Client) -> None:
    page = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
    # Nothing may keep an answer to OPTIONS anyhow (RFC 9110, section 9.3.7).
    closed(client.options("/api/secrets", headers=page).headers, but="cache-control")


def test_an_error_that_nobody_expected_is_closed() -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the-value")

    async def ask() -> httpx.Response:
        app = edge()
        app._app = broken
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/api/secrets")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert "the-value" not in answer.text
    closed(answer.headers)


@pytest.mark.parametrize(
    "head", [b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 2**17 + b"\r\n\r\n"],
    ids=["no request at all", "a head that is too large"],
)  # fmt: skip
def test_what_never_becomes_a_request_is_answered_without_a_word(
    server: RunningServer, head: bytes
) -> None:
    with connection(server) as stream:
        stream.sendall(head)
        answer = b"".join(iter(lambda: stream.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 4")
    assert answer.endswith(b"\r\n\r\n"), "there is no body to protect"
