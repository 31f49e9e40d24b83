"""The board that workers count on, and what a scraper is told of it."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse

from adapters.http.app import HANDLERS, path_format, routes
from adapters.http.guards import LocalGuard
from adapters.http.scraping import MAX_HEAD, ScrapeListener
from adapters.memory import MemoryStorage
from adapters.metrics import catalogue
from adapters.metrics.board import Board
from adapters.metrics.catalogue import layout_of, requests_of
from adapters.metrics.counted import BoardCollector
from adapters.metrics.counting import BoardMeter
from adapters.metrics.exposition import OPEN_METRICS, TEXT, Exposition, prefers_open_metrics
from adapters.metrics.stored import StoreCollector
from adapters.metrics.worker import WorkerReport
from application.access.revoke_token import RevokeToken
from application.access.who_am_i import WhoAmI
from application.secrets.delete_secret import DeleteSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.credential import Credential
from domain.errors import Cause, StorageUnavailable, Unauthenticated
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from entrypoints.measuring import PARTS, Measuring
from tests.fakes import FixedClock
from tests.house import House
from tests.in_process import application, bearer, call
from tests.metrics_table import PAGE, families, table

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]

REQUESTS = requests_of(routes())
LAYOUT = layout_of(REQUESTS)


def samples_of(text: str, reader: Callable[[str], Any] = parse) -> Samples:
    """Return every sample of an exposition; one that stands there twice is an error."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in reader(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def told(*collectors: Any) -> Samples:
    """Return every sample of collectors."""
    return samples_of(Exposition(collectors)("")[0].decode())


def sample(samples: Samples, name: str, **labels: str) -> float | None:
    """Return one sample."""
    return samples.get((name, frozenset(labels.items())))


class Counting:
    """A board with one worker, which is this process."""

    def __init__(self) -> None:
        self.board = Board(LAYOUT.size)
        self.block = self.board.claim()
        self.meter = BoardMeter(self.block, LAYOUT, REQUESTS)
        self.collector = BoardCollector(self.board, LAYOUT)

    def sample(self, name: str, **labels: str) -> float | None:
        return sample(told(self.collector), name, **labels)


@pytest.fixture
def counting() -> Counting:
    return Counting()


FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""Newer interpreters warn of what is harmless here: the child uses no thread and no lock."""


def in_child(work: Callable[[], object]) -> int:
    """Do something in a process that is then killed without a chance to clean up."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return child


@FORKS
def test_what_killed_workers_counted_is_kept_and_their_place_is_taken(counting: Counting) -> None:
    def work() -> None:
        block = counting.board.claim()
        meter = BoardMeter(block, LAYOUT, REQUESTS)
        for _ in range(1000):
            meter.limited("address")

    for rounds in range(1, 4):
        in_child(work)
        expected = 1000.0 * rounds
        assert counting.sample("strongroom_rate_limited_total", limit="address") == expected
    assert [block.number for block in counting.board.told()] == [0, 1]


@FORKS
def test_workers_that_live_at_once_have_blocks_of_their_own(counting: Counting) -> None:
    ready, release = os.pipe(), os.pipe()
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            try:
                counting.board.claim().add(0)
                os.write(ready[1], b"x")
                os.close(release[1])
                os.read(release[0], 1)
            finally:
                os._exit(0)
        children.append(child)
    assert b"".join(os.read(ready[0], 1) for _ in children) == b"xxx"
    assert [block.alive for block in counting.board.told()] == [True] * 4
    os.close(release[1])
    for child in children:
        os.waitpid(child, 0)
    assert [block.alive for block in counting.board.told()] == [True, False, False, False]
    assert sum(block.values[0] for block in counting.board.told()) == 3


def test_threads_of_one_worker_lose_nothing(counting: Counting) -> None:
    def work() -> None:
        for _ in range(5000):
            counting.meter.unrecorded(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counting.sample("strongroom_audit_failures_total") == 20_000


def test_more_workers_than_there_are_blocks_are_refused(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.metrics.board.MOST_BLOCKS", 1)
    with pytest.raises(OSError, match="too many"):
        counting.board.claim()


@pytest.mark.parametrize(
    ("sent", "labels"),
    [
        (("/api/secrets", "GET", 200), ("/api/secrets", "GET", "2xx")),
        (("/api/secrets/{reference}", "PATCH", 405), ("/api/secrets/{reference}", "other", "4xx")),
        ((None, "GET", 404), ("other", "GET", "4xx")),
        ((None, "M-SEARCH", 405), ("other", "other", "4xx")),
        (("/api/secrets/prod/db", "GET", 200), ("other", "other", "2xx")),
        (("/metrics", "GET", 999), ("/metrics", "GET", "5xx")),
    ],
    ids=["a route", "another verb", "no route", "neither", "no template", "no status"],
)
def test_requests_are_counted_under_words_of_ours(
    counting: Counting, sent: tuple[str | None, str, int], labels: tuple[str, str, str]
) -> None:
    route, method, status = sent
    counting.meter.answered(route=route, method=method, status=status, seconds=0.003)
    named = dict(zip(("route", "method", "status"), labels, strict=True))
    samples = told(counting.collector)
    name = catalogue.REQUESTS
    assert sample(samples, f"{name}_count", **named) == 1
    assert sample(samples, f"{name}_sum", **named) == 0.003
    assert sample(samples, f"{name}_bucket", **named, le="0.0025") == 0
    assert sample(samples, f"{name}_bucket", **named, le="0.005") == 1
    assert sample(samples, f"{name}_bucket", **named, le="+Inf") == 1


def test_foreign_addresses_and_verbs_make_no_new_series(counting: Counting) -> None:
    for number in range(1000):
        route, method = f"/api/{number}", f"VERB{number}"
        counting.meter.answered(route=route, method=method, status=number, seconds=number)
    text = Exposition((counting.collector,))("")[0].decode()
    assert text.count("strongroom_request_duration_seconds_count{") == 5
    assert "VERB" not in text


def test_the_templates_are_those_that_the_framework_tells() -> None:
    seen = {path_format(path) for handler in HANDLERS for path in handler.paths}
    routed = {
        route.path_format for route in application(House(MemoryStorage()))._app._inside.routes
    }
    assert seen <= routed
    assert not any(":" in template for template in seen)


def test_every_cause_of_the_token_policy_has_a_kind(counting: Counting) -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    revoked = house.token("a", "reader")
    house.run_within(RevokeToken(number=1))
    expired = house.token("a", expires_at=house.clock.now() + timedelta(days=1))
    elsewhere = house.token("a", networks=("192.0.2.0/24",))
    house.clock.advance(timedelta(days=2))
    shown = (None, Credential.minted(bytes(32)), revoked, expired, elsewhere)
    for credential in shown:
        with pytest.raises(Unauthenticated) as caught:
            house.run_as(credential, WhoAmI())
        counting.meter.unauthenticated(caught.value.cause)
    for cause in Cause:
        counting.meter.unauthenticated(cause)
    samples = told(counting.collector)
    name = "strongroom_authentication_failures_total"
    assert {cause.value: sample(samples, name, kind=cause.value) for cause in Cause} == {
        "missing": 2, "unknown": 2, "revoked": 2, "expired": 2, "network": 2, "other": 1,
        "signature": 1, "issuer": 1, "unbound": 1, "certificate": 1,
    }  # fmt: skip


def test_commits_are_counted_with_what_they_held(counting: Counting) -> None:
    counting.meter.committed(works=3, seconds=0.002)
    counting.meter.committed(works=5, seconds=0.2)
    counting.meter.not_committed(works=7)
    samples = told(counting.collector)
    assert sample(samples, "strongroom_commit_works_sum") == 8
    assert sample(samples, "strongroom_commit_works_bucket", le="4.0") == 1
    assert sample(samples, "strongroom_commit_seconds_count") == 2
    assert sample(samples, "strongroom_commit_failures_total") == 1


def test_a_gate_counts_on_the_board(counting: Counting) -> None:
    house = House(MemoryStorage(), meter=counting.meter).opened()
    house.create("a")
    samples = told(counting.collector)
    labels = {"action": "secrets.create", "outcome": "done"}
    assert sample(samples, "strongroom_actions_total", **labels) == 1
    assert sample(samples, "strongroom_writes_total") == 1
    assert sample(samples, "strongroom_reveals_total") == 0


@FORKS
def test_a_worker_tells_of_itself_and_goes_on_where_the_one_before_it_ended(
    counting: Counting,
) -> None:
    storage = MemoryStorage()
    counting.block.put(LAYOUT.place(catalogue.CPU), 1000.0)
    WorkerReport(counting.block, LAYOUT, storage)()
    samples = told(counting.collector)
    assert (sample(samples, "strongroom_process_cpu_seconds_total", worker="0") or 0) > 1000
    assert (sample(samples, "strongroom_process_resident_memory_bytes", worker="0") or 0) > 1e6
    assert (sample(samples, "strongroom_process_open_files", worker="0") or 0) >= 3

    def work() -> None:
        WorkerReport(counting.board.claim(), LAYOUT, storage)()

    in_child(work)
    samples = told(counting.collector)
    assert sample(samples, "strongroom_process_resident_memory_bytes", worker="1") is None
    assert (sample(samples, "strongroom_process_cpu_seconds_total", worker="1") or 0) > 0


def stored(house: House) -> StoreCollector:
    return StoreCollector(storage=house.storage, clock=house.clock, parts=PARTS)


def test_the_store_is_counted() -> None:
    house = House(MemoryStorage()).opened()
    now = house.clock.now()
    house.create("a", expires_at=now + timedelta(hours=1))
    house.create("b", expires_at=now + timedelta(days=5))
    house.create("c")
    house.run(UpdateSecret(reference=SecretId(3), value=SecretValue("second")))
    house.create("d")
    house.run(DeleteSecret(reference=SecretId(4)))
    house.make_checkpoint()
    house.clock.advance(timedelta(hours=2))
    samples = told(stored(house))
    assert sample(samples, "strongroom_store_up") == 1
    assert sample(samples, "strongroom_secrets", state="living") == 3
    assert sample(samples, "strongroom_secrets", state="deleted") == 1
    assert sample(samples, "strongroom_earlier_versions") == 1
    assert sample(samples, "strongroom_secrets_expired") == 1
    soon = [sample(samples, "strongroom_secrets_expiring", days=days) for days in ("1", "7", "30")]
    assert soon == [0, 1, 1]
    assert sample(samples, "strongroom_audit_checkpoint_age_seconds") == 7200
    assert sample(samples, "strongroom_data_key_age_seconds") == 7200
    assert sample(samples, "strongroom_audit_entries") == len(house.events())


def test_a_store_that_is_away_takes_nothing_else_along(counting: Counting) -> None:
    class Away(MemoryStorage):
        def read(self, work: Any) -> Any:
            raise StorageUnavailable("gone")

    away = StoreCollector(storage=Away(), clock=FixedClock(), parts=PARTS)
    samples = told(counting.collector, away)
    assert sample(samples, "strongroom_store_up") == 0
    assert sample(samples, "strongroom_reveals_total") == 0


def test_a_store_that_is_slow_to_count_is_counted_less_often() -> None:
    house = House(MemoryStorage()).opened()
    seconds = count()  # each look at the watch is a second later: one reading takes one second
    collector = StoreCollector(
        storage=house.storage, clock=house.clock, parts=PARTS, timer=lambda: float(next(seconds))
    )
    seen = []
    for number in range(40):
        house.create(f"n-{number}")
        seen.append(sample(told(collector), "strongroom_secrets", state="living"))
    assert set(seen) == {1.0, 21.0}


@pytest.mark.parametrize(
    ("accepted", "preferred"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/openmetrics-text", True),
        (
            "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=1.0.0;q=0.4,*/*",
            True,
        ),
        ("application/openmetrics-text;q=0.2,text/plain;q=0.8", False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;version=x;q=x;;=,;", False),
    ],
)
def test_the_form_is_the_one_that_is_asked_for(accepted: str, preferred: bool) -> None:
    assert prefers_open_metrics(accepted) is preferred


def test_both_forms_say_the_same(counting: Counting) -> None:
    counting.meter.committed(works=3, seconds=0.002)
    counting.meter.answered(route="/metrics", method="GET", status=200, seconds=0.1)
    house = House(MemoryStorage()).opened()
    exposition = Exposition((counting.collector, stored(house)))
    text, text_type = exposition("text/plain")
    written, open_type = exposition("application/openmetrics-text")
    assert (text_type, open_type) == (TEXT, OPEN_METRICS)
    assert written.endswith(b"# EOF\n")
    assert samples_of(text.decode()) == samples_of(written.decode(), parse_open)
    undescribed = [
        family.name for family in parse(text.decode()) if not family.documentation.endswith(".")
    ]
    assert undescribed == []


def test_every_name_has_the_prefix_and_no_label_tells_who_or_what(counting: Counting) -> None:
    house = House(MemoryStorage()).opened()
    house.create("a-name-nobody-should-see")
    families = list(parse(Exposition((counting.collector, stored(house)))("")[0].decode()))
    assert all(family.name.startswith("strongroom_") for family in families)
    labels = {label for family in families for item in family.samples for label in item.labels}
    assert labels <= {
        "action", "outcome", "kind", "limit", "worker", "route", "method", "status", "le",
        "state", "purpose", "days", "version", "python",
    }  # fmt: skip


def test_metrics_of_the_api_are_negotiated_and_need_their_right() -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    app = application(house)
    assert call(house, "GET", "/metrics", app=app).status_code == 401
    reader, auditor = house.token("r", "reader"), house.token("a", "auditor")
    assert call(house, "GET", "/metrics", headers=bearer(reader), app=app).status_code == 403
    answer = call(house, "GET", "/metrics", headers=bearer(auditor), app=app)
    assert (answer.status_code, answer.headers["vary"]) == (200, "accept")


def test_the_table_of_metrics_is_current() -> None:
    said = "run python -m tests.metrics_table"
    assert table(families()) in PAGE.read_text("utf-8"), said


class Listening:
    """A listener with its one page, asked over real sockets."""

    def __init__(self, page: Callable[[str], tuple[bytes, str]], *, guarded: bool = False) -> None:
        self._page = page
        self._guard = None if guarded else LocalGuard(())

    def ask(self, *requests: bytes) -> list[bytes]:
        async def talk() -> list[bytes]:
            listener = ScrapeListener(self._page, host="127.0.0.1", port=0, guard=self._guard)
            await listener.start()
            assert listener._server is not None
            port = listener._server.sockets[0].getsockname()[1]
            answers = []
            for request in requests:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                writer.write_eof()
                answers.append(await reader.read())
                writer.close()
            await listener.stop()
            return answers

        return asyncio.run(talk())


HOST = b"\r\nhost: 127.0.0.1\r\n\r\n"


def test_the_listener_answers_one_page() -> None:
    listening = Listening(lambda accepted: (accepted.encode(), "text/plain"))
    (answer,) = listening.ask(b"GET /metrics HTTP/1.1\r\naccept: this\r\nHost: localhost\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4")
    assert body == b"this"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /metrics?x=1 HTTP/1.0" + HOST, b"200"),
        (b"GET / HTTP/1.1" + HOST, b"404"),
        (b"GET /api/secrets HTTP/1.1" + HOST, b"404"),
        (b"POST /metrics HTTP/1.1" + HOST, b"405"),
        (b"GET /metrics" + HOST, b"400"),
        (b"GET /metrics HTTP/1.1\r\nnonsense" + HOST, b"400"),
        (b"GET /metrics HTTP/1.1\r\nhost: a" + HOST, b"400"),
        (b"GET /metrics HTTP/1.1\r\nhost: rebound.example\r\n\r\n", b"403"),
        (b"GET /metrics HTTP/1.1\r\norigin: http://evil.example" + HOST, b"403"),
        (b"\x16\x03\x01\x00\r\n\r\n", b"400"),
    ],
)
def test_the_listener_answers_nothing_else(request_: bytes, status: bytes) -> None:
    (answer,) = Listening(lambda _: (b"the page", "text/plain")).ask(request_)
    assert answer.split(b" ")[1] == status
    assert (b"the page" in answer) is (status == b"200")


def test_the_listener_outlives_nonsense_and_a_page_that_fails() -> None:
    def broken(_: str) -> tuple[bytes, str]:
        raise RuntimeError("with words that nobody should see")

    good = b"GET /metrics HTTP/1.1" + HOST
    answers = Listening(broken).ask(b"", b"GET", b"x" * (2 * MAX_HEAD), good)
    assert answers[:3] == [b"", b"", b""]
    assert answers[3].startswith(b"HTTP/1.1 500")
    assert b"words" not in answers[3]


def test_a_board_is_for_one_server_and_its_workers() -> None:
    first, second = Measuring(), Measuring()
    first.worker().meter.limited("address")
    other = second.worker()
    _, exposition = other.open(House(MemoryStorage()).opened().storage, FixedClock())
    samples = samples_of(exposition("")[0].decode())
    assert sample(samples, "strongroom_rate_limited_total", limit="address") == 0
