"""A real browser: no page from elsewhere gets at a server of this machine, the document's does."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e import stores
from tests.e2e.browser import Browser, browsing
from tests.e2e.pages import LURE, Pages, Turning, serving
from tests.e2e.running import RunningServer, running
from tests.e2e.test_document import JAVASCRIPT_EXAMPLE, METADATA
from tests.e2e.test_guarded import REQUIRED, run
from tests.e2e.test_secrets_api import create

VALUE = "the-value-that-stays"
ATTACKS = (Path(__file__).parent / "attacks.js").read_text("utf-8")

DOCUMENT_API, DOCUMENT_PAGE = "localhost:8000", "localhost:3000"
"""The addresses of the document; the browser is told which ports those are here."""

GUARDED_API = "localhost:8001"
"""Where a server is that asks for credentials."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("attacked") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for credentials; its client shows the administrator's."""
    folder = tmp_path_factory.mktemp("guarded") / "data"
    token = run("init", "--data-dir", str(folder)).strip()
    with running(folder, env=REQUIRED) as started:
        started.client.headers["authorization"] = f"Bearer {token}"
        yield started


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def browser(
    server: RunningServer,
    guarded: RunningServer,
    pages: Pages,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    names = {
        DOCUMENT_API: f"127.0.0.1:{server.port}",
        GUARDED_API: f"127.0.0.1:{guarded.port}",
        DOCUMENT_PAGE: f"127.0.0.1:{pages.port}",
        "evil.example": "127.0.0.1",
        "rebound.example": "127.0.0.1",
    }
    with browsing(tmp_path_factory.mktemp("browser"), names) as started:
        yield started


def entries(server: RunningServer) -> int:
    """Count what is in the audit log: whatever became an action, allowed or not."""
    ((count,),) = stores.execute(server.data_dir, "SELECT count(*) FROM audit_entries")
    return int(count)


def refusals(server: RunningServer) -> int:
    """Count the requests that were turned away."""
    return server.log_text.count('"status": 403')


def attack(browser: Browser, target: str, number: int) -> dict[str, Any]:
    """Try everything that a page can, and return what it learnt."""
    learnt = browser.run(ATTACKS, target, number)
    assert isinstance(learnt, dict), learnt
    assert len(learnt) >= 20
    return learnt


def test_the_attacks_work_where_nobody_minds(browser: Browser, pages: Pages) -> None:
    with serving() as careless:
        browser.open(f"http://evil.example:{pages.port}/")
        learnt = attack(browser, f"http://127.0.0.1:{careless.port}", 1)
        assert [name for name, text in learnt.items() if LURE in text]
        assert careless.seen["GET"] >= 8
        assert careless.seen["POST"] >= 5
        assert careless.seen["PUT"] >= 1
        assert careless.seen["DELETE"] >= 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("page", ["evil.example", "localhost"])
def test_a_page_from_elsewhere_neither_reads_nor_changes_anything(
    browser: Browser, server: RunningServer, pages: Pages, page: str, host: str
) -> None:
    number = create(server.client, f"{page}/{host}", VALUE)
    before, count, refused = (
        server.client.get("/api/secrets").json(),
        entries(server),
        refusals(server),
    )
    browser.open(f"http://{page}:{pages.port}/")
    learnt = attack(browser, f"http://{host}:{server.port}", number)
    assert not [name for name, text in learnt.items() if VALUE in text]
    assert refusals(server) >= refused + 20, "the attacks did reach the server"
    assert entries(server) == count, "nothing became an action"
    assert server.client.get("/api/secrets").json() == before


def test_a_name_that_is_turned_to_this_machine_gets_nothing(
    browser: Browser, server: RunningServer, pages: Pages
) -> None:
    number = create(server.client, "rebound", VALUE)
    count, refused = entries(server), refusals(server)
    turning = Turning(pages.port)
    try:
        browser.open(f"http://rebound.example:{turning.port}/")
        turning.turn(server.port)
        learnt = attack(browser, "", number)
    finally:
        turning.close()
    assert not [name for name, text in learnt.items() if VALUE in text]
    assert learnt["read its own origin"].startswith("403 basic"), "it may read its own origin"
    assert refusals(server) >= refused + 20, "the attacks did reach the server"
    assert entries(server) == count


def run_document(
    browser: Browser, pages: Pages, headers: Mapping[str, str], api: str = DOCUMENT_API
) -> list[Any]:
    """Serve the document's example in a page of its own, with headers added to its calls."""
    add = msgspec.json.encode(dict(headers)).decode()
    wrapped = f"""
        const bare = window.fetch, added = {add};
        window.fetch = (url, options = {{}}) =>
            bare(url, {{...options, headers: {{...options.headers, ...added}}}});
    """
    before, pages.page = (
        pages.page,
        f"""<!doctype html><title>front end</title>
        <script>{wrapped if headers else ""}</script>
        <script type="module">
            {JAVASCRIPT_EXAMPLE.replace(DOCUMENT_API, api)}
            window.result = [secret, secretsList];
        </script>""",
    )
    try:
        browser.open(f"http://{DOCUMENT_PAGE}/")
    finally:
        pages.page = before
    result = browser.run("""
        for (let n = 0; n < 500 && !window.result; n++)
            await new Promise(next => setTimeout(next, 20));
        return window.result || 'no result';
    """)
    assert isinstance(result, list), result
    return result


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer unused"}, {"x-api-key": "unused"}],
    ids=["verbatim", "with a token", "with a key"],
)
def test_the_documents_front_end_creates_and_lists(
    browser: Browser, server: RunningServer, pages: Pages, headers: dict[str, str]
) -> None:
    created, listed = run_document(browser, pages, headers)
    assert set(created) == METADATA
    assert created["name"] == "api-key"
    assert created in listed
    value = server.client.get(f"/api/secrets/{created['id']}/decrypt").json()["value"]
    assert value == "sk-1234567890"
    server.client.delete(f"/api/secrets/{created['id']}", params={"purge": "true"})


def test_a_page_on_another_port_is_not_the_documents(browser: Browser, pages: Pages) -> None:
    browser.open(f"http://localhost:{pages.port}/")
    said = browser.run(f"return String((await fetch('http://{DOCUMENT_API}/api/secrets')).status)")
    assert "Failed to fetch" in said


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_the_documents_front_end_with_a_token_of_its_own(
    browser: Browser, guarded: RunningServer, pages: Pages, header: str
) -> None:
    principal = {"name": f"front-end-{header}", "roles": ["editor"]}
    guarded.client.post("/api/principals", json=principal).raise_for_status()
    made = guarded.client.post("/api/tokens", json={"principal": principal["name"]}).json()
    shown = made["token"] if header == "x-api-key" else f"Bearer {made['token']}"
    created, listed = run_document(browser, pages, {header: shown}, GUARDED_API)
    assert set(created) == METADATA
    assert created in listed
    found = guarded.client.get("/api/audit", params={"caller": principal["name"]}).json()
    assert [entry["action"] for entry in found] == ["secrets.create", "secrets.list"]
    guarded.client.delete(f"/api/secrets/{created['id']}", params={"purge": "true"})


ASKING = """
    const options = {headers: token ? {authorization: `Bearer ${token}`} : {}};
    const answer = await fetch(address, options);
    return [answer.status, (await answer.json()).type || null];
"""


@pytest.mark.parametrize("token", ["", "srt_unknown"])
def test_a_front_end_without_a_token_can_read_that_it_needs_one(
    browser: Browser, pages: Pages, token: str
) -> None:
    browser.open(f"http://{DOCUMENT_PAGE}/")
    script = f"const [address, token] = given; {ASKING}"
    said = browser.run(script, f"http://{GUARDED_API}/api/secrets", token)
    assert said == [401, "urn:strongroom:problem:unauthenticated"]


def test_a_page_of_another_origin_gets_nothing_with_a_token_it_has(
    browser: Browser, guarded: RunningServer, pages: Pages
) -> None:
    token = guarded.client.headers["authorization"].removeprefix("Bearer ")
    before = guarded.client.get("/api/audit?newest=true&limit=1").json()[0]["number"]
    browser.open(f"http://evil.example:{pages.port}/")
    script = f"const [address, token] = given; {ASKING}"
    said = browser.run(script, f"http://{GUARDED_API}/api/secrets", token)
    assert "Failed to fetch" in said
    after = guarded.client.get("/api/audit?newest=true&limit=1").json()[0]["number"]
    assert after == before + 1, "the browser did not even send it"
