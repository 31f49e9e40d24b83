"""In local mode only this machine's own programs are served, and no page from elsewhere."""

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer
from tests.e2e.test_bad_input import connection
from tests.e2e.test_secrets_api import create, problem

LOOPBACK = ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1", "127.9.9.9:1", "[::1]:8000",
            "localhost."]  # fmt: skip
FOREIGN = [
    "example.org", "127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", "0.0.0.0",  # noqa: S104  that is the case

    "app.localhost:3000",
    "127.0.0.1@example.org", "xn--localhost", "[::2]", "2130706433", "localhost:80:80", "",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_host_is_served(client: httpx.Client, host: str) -> None:
    assert client.get("/api/secrets", headers={"host": host}).is_success


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_host_is_refused(client: httpx.Client, host: str) -> None:
    problem(client.get("/api/secrets", headers={"host": host}), 403)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost:3000", "http://localhost:3001"]
)
def test_a_page_of_a_foreign_origin_is_refused(client: httpx.Client, origin: str) -> None:
    answer = client.get("/api/secrets", headers={"origin": origin})
    problem(answer, 403)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_that_hides_its_origin_is_refused(client: httpx.Client, site: str) -> None:
    problem(client.get("/api/secrets", headers={"sec-fetch-site": site}), 403)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("host", ("evil.example", "localhost")),
        ("origin", ("http://evil.example", "http://localhost:3000")),
        ("sec-fetch-site", ("cross-site", "none")),
        ("content-type", ("application/json", "text/plain")),
        ("if-match", ('"1"', '"2"')),
    ],
)
def test_a_header_that_decides_is_not_taken_twice(
    server: RunningServer, header: str, values: tuple[str, str]
) -> None:
    host = "" if header == "host" else "host: localhost\r\n"
    for one, other in (values, reversed(values)):
        head = f"GET /api/secrets HTTP/1.1\r\n{host}{header}: {one}\r\n{header}: {other}\r\n\r\n"
        with connection(server) as stream:
            stream.sendall(head.encode())
            assert stream.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_the_page_of_the_document_is_served(client: httpx.Client, name: str) -> None:
    origin = {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"}
    asked = client.options(
        "/api/secrets",
        headers=origin
        | {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type, traceparent, tracestate",
        },
    )
    assert asked.is_success
    allowed = asked.headers["access-control-allow-headers"].split(", ")
    assert {"content-type", "traceparent", "tracestate"} <= set(allowed)
    assert asked.headers["access-control-allow-origin"] == "http://localhost:3000"
    created = client.post("/api/secrets", json={"name": name, "value": "v"}, headers=origin)
    assert created.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_every_answer_is_closed_to_caches_frames_and_sniffing(
    client: httpx.Client, name: str
) -> None:
    number = create(client, name)
    for path in (f"/api/secrets/{number}", "/api/secrets/0", "/nowhere", "/docs", "/health/live"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16


def test_the_page_of_the_api_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in page.text
    assert "<script" not in page.text
    assert client.get("/docs/docs.css").headers["content-type"].startswith("text/css")


def test_the_page_of_the_api_shows_code_as_code(client: httpx.Client) -> None:
    assert "<code>key=value</code>" in client.get("/docs").text


def test_health_tells_that_it_lives_and_is_ready(client: httpx.Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok", "checks": {}}
    checks = ["database", "schema", "root_key", "audit_log", "accepting"]
    if not stores.are_in_postgresql():
        checks.append("disk_space")
    found = client.get("/health/ready").json()
    assert found == {"status": "ok", "checks": dict.fromkeys(checks, "ok")}


@pytest.mark.parametrize(
    "path",
    [
        "/api/secrets/{}/%64ecrypt", "/api/secrets/{}%2Fdecrypt", "/api/secrets//{}/decrypt",
        "/api/secrets/{}/decrypt/", "//api/secrets/{}/decrypt", "/%61pi/secrets/{}/decrypt",
        "/api/./secrets/{}/decrypt", "/api/x/../secrets/{}/decrypt",
    ],
)  # fmt: skip
def test_an_address_has_one_form(server: RunningServer, client: httpx.Client, path: str) -> None:
    number = create(client, f"tests/form-{abs(hash(path))}", "hidden-value")
    target = path.format(number)
    with connection(server) as stream:
        stream.sendall(
            f"GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: stream.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"hidden-value" not in answer
