"""Figures of four workers under a load whose counts are known, also when workers are replaced."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from domain.access.credential import Credential
from tests.e2e.certificates import Authority, flags
from tests.e2e.running import RunningServer, free_port, refused, running
from tests.e2e.test_guarded import REQUIRED, run
from tests.e2e.test_tls import until

_numbers = count(1)
ONE = "/api/secrets/{reference}"
OPEN_METRICS = {"accept": "application/openmetrics-text"}

UNKNOWN = Credential.minted(bytes(32)).reveal()

Figures = Mapping[str, float]


class Watched:
    """A guarded server of four workers, what is done to it, and what it says was done."""

    def __init__(self, server: RunningServer, token: str, scraped: int) -> None:
        self.server = server
        self._token = token
        self._scraped = scraped
        self.done = Counter[str]()

    def _send(self, method: str, path: str, status: int, token: str, body: object = None) -> None:
        """Send one request over a connection of its own, so that all workers have their share."""
        answer = httpx.request(
            method,
            self.server.url + path,
            json=body,
            headers={"authorization": f"Bearer {token}"},
            verify=self.server.trust or True,
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code == status, answer.text

    def load(self, rounds: int) -> None:
        """Do so many of everything, eight at a time."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._once, range(rounds)))

    def _once(self, _: int) -> None:
        name = f"secret-{next(_numbers)}"
        self._send("POST", "/api/secrets", 200, self._token, {"name": name, "value": "v"})
        self._send("GET", "/api/secrets/1/decrypt", 200, self._token)
        self._send("GET", "/api/secrets/1/decrypt", 200, self._token)
        self._send("GET", f"/api/secrets/name/{name}", 200, self._token)
        self._send("GET", "/api/secrets/999999999/decrypt", 404, self._token)
        self._send("GET", "/api/secrets/1/decrypt", 401, UNKNOWN)
        bulk = {"secrets": [1, name, "nowhere"]}
        self._send("POST", "/api/secrets/decrypt", 200, self._token, bulk)
        self.done.update(
            {
                "reveals": 4, "writes": 1, "refused": 2, "unknown": 1,
                "GET 2xx": 2, "GET 4xx": 2, "POST 2xx": 1,
            }
        )  # fmt: skip

    def scrape(self) -> Figures:
        """Ask whichever worker takes the connection."""
        answer = httpx.get(
            f"http://127.0.0.1:{self._scraped}/metrics", headers=OPEN_METRICS, trust_env=False
        )
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        return {
            sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())):
                sample.value
            for family in text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
            for sample in family.samples
        }  # fmt: skip

    def requests(self) -> dict[str, float]:
        """Return what was counted of requests for one route, which is after their answers left."""
        figures = self.scrape()
        name = "strongroom_request_duration_seconds_count"
        return {
            "GET 2xx": figures.get(f"{name} GET {ONE}/decrypt 2xx", 0),
            "GET 4xx": figures.get(f"{name} GET {ONE}/decrypt 4xx", 0),
            "POST 2xx": figures.get(f"{name} POST /api/secrets 2xx", 0),
        }

    def check(self) -> None:
        """See that every worker tells what was done."""
        until(60, lambda: self.requests() == {key: self.done[key] for key in self.requests()})
        for _ in range(8):
            figures = self.scrape()
            assert figures["strongroom_reveals_total"] == self.done["reveals"]
            assert figures["strongroom_writes_total"] == self.done["writes"]
            refused = figures["strongroom_actions_total secrets.reveal refused"]
            assert refused == self.done["refused"]
            unknown = figures["strongroom_authentication_failures_total unknown"]
            assert unknown == self.done["unknown"]
            assert figures["strongroom_audit_failures_total"] == 0
            for name in ("works_sum", "seconds_count"):
                assert figures[f"strongroom_commit_{name}"] > 0


def alive(figures: Figures) -> Sequence[str]:
    """Return the workers that tell of their memory."""
    return [name for name in figures if name.startswith("strongroom_process_resident")]


def test_what_is_scraped_is_what_was_done(tmp_path: Path, data_dir: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.issue("server")
    trust = authority.trusted()
    token = run("init", "--data-dir", str(data_dir)).strip()
    port = free_port()
    env = REQUIRED | {
        "STRONGROOM_METRICS_LISTEN": f"127.0.0.1:{port}",
        "STRONGROOM_RATE_LIMIT_FAILURES": "0",
    }
    arguments = ("--workers", "4", *flags(cert, key))
    with running(data_dir, *arguments, env=env, trust=trust) as server:
        watched = Watched(server, token, port)
        watched.load(1)
        watched.load(10)
        watched.check()
        before = server.workers()
        first = watched.scrape()
        assert len(alive(first)) == 4
        for new, old in zip(authority.issue("newer"), (cert, key), strict=True):
            new.replace(old)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(watched.load, 10).result()
        until(60, lambda: not before & server.workers())
        watched.load(4)
        watched.check()
        last = watched.scrape()
        assert len(alive(last)) == 4
        grown = [name for name in first if "_total" in name or "_count" in name or "_sum" in name]
        assert [name for name in grown if last[name] < first[name]] == []
        kept = watched.done["writes"]
        assert last["strongroom_secrets living"] == kept
    with running(data_dir, *arguments, env=env, trust=trust) as server:
        watched = Watched(server, token, port)
        assert watched.scrape()["strongroom_reveals_total"] == 0
        watched.load(4)
        watched.check()
        assert watched.scrape()["strongroom_secrets living"] == kept + 4


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ("9464", "an address and a port"),
        ("127.0.0.1:0", "an address and a port"),
        ("somewhere:9464", "an address and a port"),
        ("0.0.0.0:9464", "loopback"),
        ("[::]:9464", "loopback"),
    ],
)
def test_an_address_for_metrics_that_cannot_be_stops_the_start(
    data_dir: Path, listen: str, said: str
) -> None:
    env = {"STRONGROOM_METRICS_LISTEN": listen}
    assert said in refused(data_dir, env=env)


def test_the_address_of_the_api_is_not_for_metrics(data_dir: Path) -> None:
    port = str(free_port())
    env = {"STRONGROOM_METRICS_LISTEN": f"127.0.0.1:{port}"}
    assert "another port" in run(
        "serve", "--port", port, "--data-dir", str(data_dir), env=env, code=1
    )


def test_an_address_that_is_taken_stops_the_start(server: RunningServer, data_dir: Path) -> None:
    env = {"STRONGROOM_METRICS_LISTEN": f"127.0.0.1:{server.port}"}
    assert "choose another with metrics_listen" in refused(data_dir, env=env)
    assert not data_dir.exists()
