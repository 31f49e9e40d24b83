"""A real server tells a real collector what requests did, and nothing of what they were about."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.collector import Collector, Told
from tests.e2e.certificates import Authority
from tests.e2e.running import START_SECONDS, RunningServer, running
from tests.receiver import SECRET, Receiver

TRACE = "0af7651916cd43dd8448eb211c80319c"
ASKING = "b7ad6b7169203331"
SAMPLED, UNSAMPLED = "01", "00"
REVEAL = "GET /api/secrets/{reference}/decrypt"

SHAPE = {
    REVEAL: None,
    "secrets.reveal": REVEAL,
    "storage.read": "secrets.reveal",
    "value.open": "storage.read",
    "storage.write": "secrets.reveal",
    "storage.commit": "storage.write",
}
"""The spans of a reveal, and within which each is."""


def tracing(collector: Collector, **more: str) -> dict[str, str]:
    """Return the environment of a server that tells all requests, and soon."""
    return {
        "STRONGROOM_TRACING": "otlp",
        "STRONGROOM_TRACING_ENDPOINT": collector.endpoint,
        "STRONGROOM_TRACING_RATIO": "1",
        "STRONGROOM_TRACING_PER_SECOND": "0",
        "STRONGROOM_NOT_FOUND_SECONDS": "0",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        **more,
    }


def asked_by(trace: str, flags: str = SAMPLED) -> dict[str, str]:
    """Return the headers of a caller that is traced itself."""
    return {"traceparent": f"00-{trace}-{ASKING}-{flags}"}


def wait_for(what: Callable[[], Any]) -> Any:
    """Return what something gives, once it gives anything."""
    ends = time.monotonic() + START_SECONDS
    while not (found := what()):
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)
    return found


def whole(collector: Collector, trace: str, route: str = REVEAL) -> Sequence[Told]:
    """Return a trace; its outermost span ends, and so comes, last."""
    wait_for(lambda: any(told.name == route for told in collector.trace(trace)))
    return collector.trace(trace)


def shape_of(spans: Sequence[Told]) -> Mapping[str, str | None]:
    """Return within which span each one is, by name."""
    names = {told.id: told.name for told in spans}
    assert len(names) == len({told.name for told in spans}), "each name once"
    return {told.name: names.get(told.parent) for told in spans}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector().serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def traced(
    collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server of two workers that tells everything."""
    folder = tmp_path_factory.mktemp("traced") / "data"
    env = tracing(collector, STRONGROOM_AUTH="required")
    with running(folder, "--workers", "2", env=env) as server:
        shown = next(line for line in server.log_text.splitlines() if line.startswith("srt_"))
        server.client.headers["authorization"] = f"Bearer {shown}"
        yield server


@pytest.fixture(scope="module")
def secret(traced: RunningServer) -> int:
    made = traced.client.post("/api/secrets", json={"name": "prod/of-all", "value": "hidden"})
    number: int = made.json()["id"]
    return number


def test_a_reveal_is_told_step_by_step_within_the_callers_trace(
    collector: Collector, traced: RunningServer, secret: int
) -> None:
    headers = {**asked_by(TRACE), "tracestate": "vendor=opaque"}
    answer = traced.client.get(f"/api/secrets/{secret}/decrypt?version=1", headers=headers)
    assert answer.json()["value"] == "hidden"
    spans = whole(collector, TRACE)
    assert shape_of(spans) == SHAPE
    outermost = next(told for told in spans if told.name == REVEAL)
    assert outermost.parent == ASKING
    assert outermost.span.kind == outermost.span.SPAN_KIND_SERVER
    assert {told.span.trace_state for told in spans} == {"vendor=opaque"}
    assert outermost.facts == {
        "http.request.method": "GET",
        "http.route": "/api/secrets/{reference}/decrypt",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": traced.port,
        "strongroom.request_id": answer.headers["x-request-id"],
    }
    commit = next(told for told in spans if told.name == "storage.commit")
    assert commit.facts["strongroom.commit.works"] >= 1
    assert commit.facts["strongroom.commit.disk_seconds"] > 0
    assert outermost.resource["service.name"] == "strongroom"


def test_each_step_lies_within_the_one_around_it(
    collector: Collector, traced: RunningServer, secret: int
) -> None:
    trace = "1" * 32
    traced.client.get(f"/api/secrets/{secret}/decrypt", headers=asked_by(trace))
    spans = {told.id: told.span for told in whole(collector, trace)}
    for span in spans.values():
        around = spans.get(span.parent_span_id.hex())
        if around is not None:
            assert around.start_time_unix_nano <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= around.end_time_unix_nano


def test_requests_that_share_a_commit_keep_their_steps_apart(
    collector: Collector, traced: RunningServer, secret: int
) -> None:
    traces = [f"{number:032x}" for number in range(1, 61)]

    async def reveal_all() -> None:
        limits = httpx.Limits(max_connections=len(traces))
        async with httpx.AsyncClient(
            base_url=traced.url, headers=traced.client.headers, limits=limits, timeout=60
        ) as client:
            answers = await asyncio.gather(
                *(
                    client.get(f"/api/secrets/{secret}/decrypt", headers=asked_by(trace))
                    for trace in traces
                )
            )
        assert {answer.status_code for answer in answers} == {200}

    asyncio.run(reveal_all())
    shared = set()
    for trace in traces:
        spans = whole(collector, trace)
        assert shape_of(spans) == SHAPE
        shared |= {told.facts.get("strongroom.commit.works", 0) for told in spans}
    assert max(shared) > 1, "some waited for one commit together"


def test_every_worker_tells(collector: Collector, traced: RunningServer, secret: int) -> None:
    def instances() -> bool:
        headers = dict(traced.client.headers)
        httpx.get(f"{traced.url}/api/secrets/{secret}", headers=headers)
        return len({told.resource["service.instance.id"] for told in collector.spans}) == 2

    wait_for(instances)


def test_a_refusal_says_its_kind_and_in_which_trace_it_was(
    collector: Collector, traced: RunningServer
) -> None:
    trace = "2" * 32
    answer = traced.client.get("/api/secrets/999999/decrypt", headers=asked_by(trace))
    assert (answer.status_code, answer.json()["trace_id"]) == (404, trace)
    spans = whole(collector, trace)
    use_case = next(told for told in spans if told.name == "secrets.reveal")
    assert use_case.facts["error.type"] == "NotFound"
    assert {told.span.status.code for told in spans} == {0}, "it is the caller's fault"
    lines = [json.loads(x) for x in traced.log_text.splitlines() if x.startswith("{")]
    logged = [line for line in lines if line.get("trace_id") == trace]
    assert [line["request_id"] for line in logged] == [answer.json()["request_id"]]


@pytest.mark.parametrize(
    "headers",
    [
        [("traceparent", "00-" + "0" * 32 + "-" + ASKING + "-01")],
        [("traceparent", "00-" + "Z" * 32 + "-" + ASKING + "-01")],
        [("traceparent", "ff-" + "3" * 32 + "-" + ASKING + "-01")],
        [("traceparent", "00-" + "3" * 32 + "-" + ASKING + "-01-more")],
        [("traceparent", f"00-{n * 32}-{ASKING}-01") for n in "34"],
        [("traceparent", "\xff" * 600)],
    ],
    ids=["zeros", "no digits", "a version that cannot be", "too long", "two", "rubbish"],
)
def test_a_caller_that_names_no_trace_begins_a_new_one(
    collector: Collector, traced: RunningServer, headers: list[tuple[str, str]]
) -> None:
    raw = [(name.encode(), text.encode("latin-1")) for name, text in headers]
    answer = traced.client.get("/api/secrets/999998", headers=raw)
    found = answer.json()["trace_id"]
    assert (len(found), set(found) - set("0123456789abcdef")) == (32, set())
    assert found not in {n * 32 for n in "034"}
    spans = whole(collector, found, "GET /api/secrets/{reference}")
    assert [told.name for told in spans if not told.parent] == ["GET /api/secrets/{reference}"]


def test_nothing_that_was_sent_or_is_kept_is_told(
    collector: Collector, traced: RunningServer
) -> None:
    """A rich session, and then everything that the collector got is searched.

    For a word that is too long to be in an id, which is of random bytes.
    """
    client, host = traced.client, "host-of-a-caller"
    token = client.headers["authorization"].removeprefix("Bearer ")
    made = client.post(
        "/api/secrets",
        json={
            "name": "xyzzyfolder/xyzzyname", "value": "xyzzyvalue",
            "description": "xyzzydescription", "tags": {"xyzzytag": "xyzzytagvalue"},
        },
    )  # fmt: skip
    number = made.json()["id"]
    client.put(
        f"/api/secrets/{number}", json={"value": "xyzzysecond", "name": "xyzzyfolder/xyzzyrenamed"}
    )
    client.get("/api/secrets/name/xyzzyfolder/xyzzyrenamed/decrypt")
    client.get(
        "/api/secrets", params={"prefix": "xyzzyfolder", "q": "xyzzyquery", "tag": "xyzzytag"}
    )
    client.post("/api/secrets/decrypt", json={"names": ["xyzzyfolder/xyzzyrenamed", "xyzzyabsent"]})
    client.post("/api/principals", json={"name": "xyzzyprincipal", "roles": ["reader"]})
    other = client.post("/api/tokens", json={"principal": "xyzzyprincipal"}).json()["token"]
    theirs = {"authorization": f"Bearer {other}", "host": host, "user-agent": "xyzzyagent"}
    client.get("/api/whoami", headers=theirs)
    client.get(f"/api/secrets/{number}/decrypt", headers=theirs)
    client.get("/api/whoami", headers={"authorization": "Bearer srt_xyzzywrong"})
    client.post(
        "/api/secrets", content=b'{"name": "xyzzyfolder/xyzzyrenamed", "value": "xyzzybroken'
    )
    client.post("/api/secrets", json={"name": "xyzzyfolder/xyzzyrenamed", "value": "xyzzytwice"})
    client.get("/xyzzypath/xyzzyname?xyzzyparameter=xyzzyvalue")
    client.request("XYZZYVERB", "/api/secrets")
    client.request("XYZZYVERB", "/api/secrets/name/xyzzyfolder/xyzzyrenamed")
    client.delete("/api/secrets/name/xyzzyfolder/xyzzyabsent")
    client.get("/api/audit", params={"name": "xyzzyfolder/xyzzyrenamed"})
    last = client.delete(f"/api/secrets/{number}", headers=asked_by("5" * 32))
    assert last.status_code == 200
    whole(collector, "5" * 32, "DELETE /api/secrets/{reference}")
    told = b"".join(collector.bodies)
    for text in ("xyzzy", "XYZZY", token, other, host, "admin", "Bearer"):
        assert text.encode() not in told, text
    assert len(collector.spans) > 50


def test_the_share_and_whom_to_follow(data_dir: Path) -> None:
    """Nobody is told of by lot; a neighbour that is followed decides."""
    with Collector().serving() as own:
        env = tracing(own, STRONGROOM_TRACING_RATIO="0", STRONGROOM_TRACING_FOLLOWED="127.0.0.1/32")
        with running(data_dir, env=env) as server:
            for flags in (UNSAMPLED, SAMPLED):
                trace = flags * 16
                answer = server.client.get("/api/secrets/9", headers=asked_by(trace, flags))
                assert answer.json().get("trace_id") == trace if int(flags) else True
            assert "trace_id" not in server.client.get("/api/secrets/9").json()
        assert {told.trace_id for told in own.spans} == {SAMPLED * 16}


def test_a_mark_of_a_stranger_decides_nothing(data_dir: Path) -> None:
    with Collector().serving() as own:
        env = tracing(own, STRONGROOM_TRACING_RATIO="0", STRONGROOM_TRACING_FOLLOWED="10.0.0.0/8")
        with running(data_dir, env=env) as server:
            answer = server.client.get("/api/secrets/9", headers=asked_by(TRACE))
            assert answer.json()["trace_id"] == TRACE, "to be found in the caller's own trace"
        assert not own.bodies


def test_a_collector_that_is_away_holds_nobody_up(data_dir: Path) -> None:
    own = Collector()
    with own.serving():
        pass
    env = tracing(own, OTEL_BSP_MAX_QUEUE_SIZE="64", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="32")
    with running(data_dir, env=env | {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1"}) as server:
        for number in range(60):
            made = server.client.post("/api/secrets", json={"name": f"n{number}", "value": "v"})
            assert made.status_code == 200
        wait_for(lambda: "traces cannot be sent" in server.log_text)
        with own.serving():
            wait_for(
                lambda: (
                    server.client.get("/api/secrets/1/decrypt").status_code == 200
                    and "sent again" in server.log_text
                )
            )
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < START_SECONDS / 2
    assert own.spans
    assert server.log_text.count("traces cannot be sent") <= 2
    assert "Traceback" not in server.log_text


def test_a_receiver_is_told_which_step_asks_it(data_dir: Path, tmp_path: Path) -> None:
    receiver, authority = Receiver(), Authority(tmp_path)
    with receiver.serving(authority.issue("receiver")), Collector().serving() as own:
        told = {
            "name": "one", "url": f"https://localhost:{receiver.port}/qqhook", "secret": SECRET,
            "sends": ["changes"],
        }  # fmt: skip
        env = tracing(own) | {
            "STRONGROOM_RECEIVERS": json.dumps([told]),
            "STRONGROOM_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128",
            "STRONGROOM_WEBHOOK_CA": str(authority.file),
        }
        with running(data_dir, env=env) as server:
            server.client.post("/api/secrets", json={"name": "qqname", "value": "qqvalue"})
            wait_for(lambda: receiver.messages)
            spans = wait_for(lambda: [one for one in own.spans if one.name == "notice.send"])
        sent = receiver.messages[0].headers["traceparent"]
        assert sent == f"00-{spans[0].trace_id}-{spans[0].id}-{sent[-2:]}"
        assert spans[0].facts["strongroom.receiver"] == "one"
        assert b"qq" not in b"".join(own.bodies)


def test_nothing_of_the_library_is_loaded_unless_it_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import entrypoints.server, sys;"
        "print({'opentelemetry.sdk', 'adapters.tracing.spans'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "set()\n"
