"""Bad input: a clear problem document, nothing half done, never a 500, never an echo."""

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.running import RunningServer
from tests.e2e.test_secrets_api import create, problem

MARK = "do-not-repeat-me"

BODIES = {
    "nothing at all": b"",
    "no JSON": b"name=value",
    "truncated JSON": b'{"name": "a", "value": "b',
    "a byte order mark": b'\xef\xbb\xbf{"name":"a","value":"b"}',
    "not UTF-8": b'{"name":"a","value":"\xff"}',
    "a lone surrogate": b'{"name":"a","value":"\\ud800"}',
    "a list": b"[]",
    "null": b"null",
    "a number that JSON has not": b'{"name":"a","value":NaN}',
    "a number for a text": b'{"name":"a","value":1}',
    "a text for an object": b'{"name":"a","generate":"long"}',
    "deep nesting": b'{"name":"a","value":"b","tags":' + b"[" * 100_000,
    "deep nesting of objects": b'{"tags":' * 50_000,
    "an unknown field": b'{"name":"a","value":"b","do-not-repeat-me":1}',
    "a field twice": b'{"name":"a","value":"b","value":"c"}',
    "a tag twice": b'{"name":"a","value":"b","tags":{"t":"1","t":"2"}}',
    "a value and a recipe": b'{"name":"a","value":"b","generate":{}}',
    "neither value nor recipe": b'{"name":"a"}',
    "an empty value": b'{"name":"a","value":""}',
    "no name": b'{"value":"b"}',
    "a short recipe": b'{"name":"a","generate":{"length":7}}',
    "an unknown alphabet": b'{"name":"a","generate":{"alphabet":"do-not-repeat-me"}}',
    "an expiry without a zone": b'{"name":"a","value":"b","expires_at":"2099-01-01T00:00:00"}',
    "an expiry that is no date": b'{"name":"a","value":"b","expires_at":"do-not-repeat-me"}',
    "an expiry past every calendar": (
        b'{"name":"a","value":"b","expires_at":"9999-12-31T23:59:59-14:00"}'
    ),
    "too many tags": (
        b'{"name":"a","value":"b","tags":{'
        + b",".join(b'"%d":""' % number for number in range(51))
        + b"}}"
    ),
    "an empty tag key": b'{"name":"a","value":"b","tags":{"":"x"}}',
    "a tag key with an equals sign": b'{"name":"a","value":"b","tags":{"a=b":"x"}}',
    "a description with NUL": b'{"name":"a","value":"b","description":"\\u0000"}',
    "a value over the limit": b'{"name":"a","value":"' + b"x" * 65_537 + b'"}',
}

NAMES = {
    "empty": "",
    "too long": "x" * 256,
    "a control character": "a\nb",
    "NUL": "a\x00b",
    "a zero-width space": "a\u200bb",
    "a direction override": "a\u202eb",
    "a blank in front": " a",
    "a blank behind": "a ",
    "a wide blank behind": "a\u3000",
    "a slash in front": "/a",
    "a slash behind": "a/",
    "an empty segment": "a//b",
    "a dot segment": "a/./b",
    "a dot-dot segment": "a/../b",
    "only dots": "..",
    "not normalised": "e\u0301",
}

JSON = {"content-type": "application/json"}

PLAIN_WORDS = {
    "a missing field": (b'{"value":"v"}', "name", "is missing"),
    "a truth value": (
        b'{"name":"a","value":true}', "value", "must be a text, not true or false",
    ),
    "a list for a map": (
        b'{"name":"a","tags":[]}', "tags", "must be an object or null, not a list",
    ),
    "an empty tag key": (
        b'{"name":"a","tags":{"":"x"}}',
        "tags", "a key must be a text of a length of at least 1",
    ),
    "an unknown alphabet": (
        b'{"name":"a","generate":{"alphabet":"x"}}',
        "generate.alphabet",
        "must be one of alphanumeric, lowercase, digits, hex, base64url, printable",
    ),
    "no date": (
        b'{"name":"a","value":"v","expires_at":"tomorrow"}',
        "expires_at", "must be a time such as 2030-01-01T00:00:00Z",
    ),
    "no zone": (
        b'{"name":"a","value":"v","expires_at":"2030-01-01T00:00:00"}',
        "expires_at", "must be a time with a zone, such as 2030-01-01T00:00:00Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_refused(client: httpx.Client, body: bytes) -> None:
    before = client.get("/api/secrets", params={"limit": 1000}).json()
    answer = client.post("/api/secrets", content=body, headers=JSON)
    problem(answer, 400)
    assert MARK not in answer.text
    assert client.get("/api/secrets", params={"limit": 1000}).json() == before


@pytest.mark.parametrize(("body", "field", "reason"), PLAIN_WORDS.values(), ids=PLAIN_WORDS.keys())
def test_a_bad_field_is_named_and_told_in_plain_words(
    client: httpx.Client, body: bytes, field: str, reason: str
) -> None:
    answer = client.post("/api/secrets", content=body, headers=JSON)
    problem(answer, 400)
    assert answer.json()["errors"] == [{"field": field, "reason": reason}]


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES.keys())
def test_a_bad_name_is_refused_wherever_it_enters(
    client: httpx.Client, name: str, text: str
) -> None:
    number = create(client, name)
    problem(client.post("/api/secrets", json={"name": text, "value": "v"}), 400)
    problem(client.put(f"/api/secrets/{number}", json={"name": text}), 400)


@pytest.mark.parametrize(
    "path",
    [
        "a//b", "a/./b", "a/%2e%2e/b", "a%2f..%2fb", "%2e%2e", "%20a", "a%20", "a%00b", "a/",
        "%2Fa", "e%CC%81", "a%E2%80%8Bb", "%ff", "a%", "x" * 256,
    ],
)  # fmt: skip
def test_a_bad_name_in_a_path_is_refused_in_every_spelling(
    server: RunningServer, path: str
) -> None:
    for suffix in (b"", b"/decrypt"):
        status = raw_status(server, b"GET /api/secrets/name/" + path.encode() + suffix)
        assert status in {400, 404}


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "0x1",
        "abc",
        "%20",
        "1_0",
        "٣",
        "9" * 19,
        "9" * 5000,
        str(2**63),
    ],
)
def test_an_id_that_cannot_be_is_not_found(client: httpx.Client, number: str) -> None:
    for call in (
        client.get(f"/api/secrets/{number}"),
        client.get(f"/api/secrets/{number}/decrypt"),
        client.put(f"/api/secrets/{number}", json={"value": "v"}),
        client.delete(f"/api/secrets/{number}"),
        client.get(f"/api/secrets/{number}/versions"),
        client.post(f"/api/secrets/{number}/restore"),
    ):
        problem(call, 404)


@pytest.mark.parametrize("version", ["0", "-1", "x", str(2**31), "9" * 19, "9" * 5000])
def test_a_version_that_cannot_be_is_refused(client: httpx.Client, name: str, version: str) -> None:
    number = create(client, name)
    for call in (
        client.get(f"/api/secrets/{number}/decrypt", params={"version": version}),
        client.post(f"/api/secrets/{number}/versions/{version}/restore"),
        client.delete(f"/api/secrets/{number}/versions/{version}"),
    ):
        assert call.status_code in {400, 404}
        problem(call, call.status_code)


@pytest.mark.parametrize(
    "query",
    [
        "skip=-1", "skip=x", "skip=99999999999999999999", "limit=0", "limit=1001", "limit=-1",
        "limit=", "after=-1", "deleted=yes", "deleted=", "unknown=1", "skip=1&skip=2", "prefix=%ff",
        "q=%00", "prefix=" + "x" * 256, "tag=%ff", "&".join(f"tag={n}" for n in range(11)),
        "&".join(f"tag={n}" for n in range(50)),
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(client: httpx.Client, query: str) -> None:
    problem(client.get(f"/api/secrets?{query}"), 400)


def test_the_largest_numbers_of_a_query_give_an_empty_page(client: httpx.Client) -> None:
    assert client.get(f"/api/secrets?skip={2**63 - 1}&limit=1000").json() == []
    assert client.get(f"/api/secrets?after={2**63 - 1}").json() == []


def test_a_change_of_nothing_is_refused(client: httpx.Client, name: str) -> None:
    number = create(client, name)
    assert "at least one" in problem(client.put(f"/api/secrets/{number}", json={}), 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(client: httpx.Client, content_type: str) -> None:
    answer = client.post(
        "/api/secrets", content=b'{"name":"a","value":"b"}', headers={"content-type": content_type}
    )
    problem(answer, 415)


def test_a_caller_who_takes_no_json_is_told(client: httpx.Client) -> None:
    problem(client.get("/api/secrets", headers={"accept": "text/html"}), 406)
    problem(client.get("/api/secrets", headers={"accept": "application/json;q=0"}), 406)
    assert client.get("/api/secrets", headers={"accept": "text/html, */*;q=0.1"}).is_success


def test_a_wrong_method_is_told_and_which_are_right(client: httpx.Client) -> None:
    answer = client.patch("/api/secrets")
    problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))


def test_an_unknown_page_is_not_found(client: httpx.Client) -> None:
    assert MARK not in problem(client.get(f"/{MARK}"), 404)


def test_a_bad_if_match_is_refused(client: httpx.Client, name: str) -> None:
    number = create(client, name)
    for tag in ("1", 'W/"1"', '"x"', '"1", "2"', '"' + "9" * 400 + '"'):
        problem(
            client.put(f"/api/secrets/{number}", json={"value": "v"}, headers={"if-match": tag}),
            400,
        )


def test_an_announced_gigabyte_is_refused_before_it_is_read(server: RunningServer) -> None:
    assert (
        raw_status(
            server,
            b"POST /api/secrets",
            headers=b"content-type: application/json\r\ncontent-length: 1073741824\r\n",
        )
        == 413
    )


def test_a_long_head_is_refused(server: RunningServer) -> None:
    fits, too_long = (b"x: " + b"a" * size + b"\r\n" for size in (32 * 1024, 256 * 1024))
    assert raw_status(server, b"GET /health/live", headers=fits) == 200
    assert raw_status(server, b"GET /health/live", headers=too_long) == 431


def test_an_endless_body_is_refused_on_the_way(server: RunningServer) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with connection(server) as stream:
        stream.sendall(
            b"POST /api/secrets HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        sent = 0
        try:
            while sent < 1 << 30:
                stream.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        assert sent < 1 << 27


def test_two_creators_of_one_name_at_once_are_one(client: httpx.Client, name: str) -> None:
    def attempt(_: int) -> int:
        return client.post("/api/secrets", json={"name": name, "value": "v"}).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(attempt, range(32)))
    assert statuses == [200] + [400] * 31


def connection(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def raw_status(server: RunningServer, line: bytes, *, headers: bytes = b"") -> int:
    """Send a request as it is, past every client that would tidy it, and return the status."""
    with connection(server) as stream:
        stream.sendall(
            line + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n" + headers + b"\r\n"
        )
        head = stream.recv(65536)
    return int(head.split(b" ", 2)[1])
