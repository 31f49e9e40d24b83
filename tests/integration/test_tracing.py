"""What stands around the ports while requests are told of, and when it stands there at all."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from adapters.ciphers.fernet import FernetCipher
from adapters.http.addresses import Addresses
from adapters.memory import MemoryStorage
from adapters.metrics.unmetered import Unmetered
from adapters.tracing.app import parent_of
from adapters.tracing.ciphers import TracedCiphers
from adapters.tracing.commits import Commits
from adapters.tracing.exporting import ToldExporter
from adapters.tracing.sampling import Sampling
from adapters.tracing.spans import MOST_STEPS, SERVER, Parent, Spans, SpanStep
from adapters.tracing.step import CURRENT, back_in, begin, outgoing, trace_id
from adapters.tracing.storage import TracedStorage
from application.gate import Gate
from domain.errors import SealBroken, StartRefused, StorageUnavailable
from entrypoints import tracing
from entrypoints.settings import Settings

KEY = bytes(32)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def root(exporter: InMemorySpanExporter) -> Iterator[SpanStep]:
    """A request that is told of, as the current step."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    step = Spans(provider.get_tracer("tests")).root("request", {}, kind=SERVER)
    assert isinstance(step, SpanStep)
    token = CURRENT.set(step)
    yield step
    CURRENT.reset(token)
    provider.shutdown()


def names(exporter: InMemorySpanExporter) -> list[str]:
    return [span.name for span in exporter.get_finished_spans()]


def test_of_a_trace_only_so_many_steps_are_told(
    root: SpanStep, exporter: InMemorySpanExporter
) -> None:
    cipher = TracedCiphers({"fernet": FernetCipher()})["fernet"]
    for _ in range(MOST_STEPS + 10):
        assert cipher.open(cipher.seal(b"v", key=KEY, context=b""), key=KEY, context=b"") == b"v"
    assert len(exporter.get_finished_spans()) == MOST_STEPS


def test_what_does_not_open_is_told_by_its_kind(
    root: SpanStep, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(SealBroken):
        TracedCiphers({"fernet": FernetCipher()})["fernet"].open("x", key=KEY, context=b"")
    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "SealBroken"
    assert not span.status.is_ok
    assert not span.events, "no words of the exception"


def test_the_ciphers_are_those_that_stand_inside() -> None:
    inside = {"fernet": FernetCipher()}
    traced = TracedCiphers(inside)
    assert (list(traced), len(traced), traced["fernet"].name) == (["fernet"], 1, "fernet")
    assert traced["fernet"] is traced["fernet"]
    assert traced.get("unknown") is None


def test_a_change_that_is_undone_has_no_commit(
    root: SpanStep, exporter: InMemorySpanExporter
) -> None:
    storage = TracedStorage(MemoryStorage(), system="memory", commits=Commits(Unmetered()))

    def fails(_: Any) -> None:
        raise StorageUnavailable("away")

    assert isinstance(storage.write(fails).exception(), StorageUnavailable)
    assert names(exporter) == ["storage.write"]
    assert storage.figures().waiting_writes == 0
    storage.close()


def test_works_of_a_transaction_that_failed_share_no_later_commit(root: SpanStep) -> None:
    commits = Commits(Unmetered())
    storage = TracedStorage(MemoryStorage(), system="memory", commits=commits)
    storage.write(lambda _: None).result()
    commits.not_committed(works=1)
    assert not commits._ran
    storage.close()


def test_what_comes_after_a_work_runs_in_the_step_that_asked(root: SpanStep) -> None:
    work: Future[int] = Future()
    seen = []
    landed = back_in(root, work)
    landed.add_done_callback(lambda _: seen.append(CURRENT.get()))
    token = CURRENT.set(None)  # as on the thread that ends it
    work.set_result(7)
    CURRENT.reset(token)
    assert (landed.result(), seen) == (7, [root])


def test_an_error_comes_through(root: SpanStep) -> None:
    work: Future[int] = Future()
    landed = back_in(root, work)
    work.set_exception(StorageUnavailable("away"))
    assert isinstance(landed.exception(), StorageUnavailable)


def test_who_is_not_told_of_is_passed_on() -> None:
    parent = Parent.of("00-" + "1" * 32 + "-" + "2" * 16 + "-00", ["a=1"])
    assert parent is not None
    token = CURRENT.set(parent.passed_on())
    assert begin("step", {}) is None
    assert trace_id() == "1" * 32
    assert outgoing() == {"traceparent": f"00-{'1' * 32}-{'2' * 16}-00", "tracestate": "a=1"}
    CURRENT.reset(token)
    assert (trace_id(), outgoing()) == (None, {})


@pytest.mark.parametrize(("members", "goes_on"), [(2, True), (3, False)])
def test_a_state_that_is_too_long_is_dropped_unread(members: int, goes_on: bool) -> None:
    states = [f"m{number}={'1' * 240}".encode() for number in range(members)]
    asking = (b"traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00")
    parent = parent_of({"headers": [asking, *((b"tracestate", one) for one in states)]})
    assert parent is not None
    token = CURRENT.set(parent.passed_on())
    told = outgoing().get("tracestate")
    CURRENT.reset(token)
    assert told == (b",".join(states).decode() if goes_on else None)


class Away(SpanExporter):
    """A collector that takes nothing until it is told to."""

    result = SpanExportResult.FAILURE

    def export(self, spans: object) -> SpanExportResult:
        return self.result


def test_a_loss_is_said_once_and_its_end_too() -> None:
    away = Away()
    exporter = ToldExporter(away)
    with capture_logs() as lines:
        exporter.export([object()] * 3)  # type: ignore[list-item]  # only counted
        exporter.export([object()] * 2)  # type: ignore[list-item]  # only counted
        away.result = SpanExportResult.SUCCESS
        exporter.export([])
        exporter.export([])
    assert [line["event"] for line in lines] == [
        "traces cannot be sent and are lost, see to 'tracing_endpoint'",
        "traces are sent again",
    ]
    assert lines[1]["lost_spans"] == 5


def test_without_the_setting_nothing_stands_around_anything(tmp_path: Path) -> None:
    untraced = tracing.build_tracing(Settings(data_dir=tmp_path))
    meter, storage = Unmetered(), MemoryStorage()
    assert untraced.meter(meter) is meter
    assert untraced.storage(storage) is storage
    assert untraced.gate is Gate
    ciphers: dict[str, Any] = {}
    assert untraced.ciphers(ciphers) is ciphers
    assert untraced.notifiers(ciphers) is ciphers
    untraced.close()


@pytest.mark.parametrize(
    ("setting", "text", "words"),
    [
        ("tracing_endpoint", "collector:4318", "must be like"),
        ("tracing_endpoint", "ftp://collector", "must be like"),
        ("tracing_endpoint", "https://", "must be like"),
        ("tracing_endpoint", "https://user:hidden@collector/v1/traces", "must be like"),
        ("tracing_endpoint", "https://collector:99999", "must be like"),
        ("tracing_followed", ("10.0.0.1/8",), "tracing_followed"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(setting: str, text: Any, words: str) -> None:
    with pytest.raises(StartRefused, match=words) as refused:
        tracing.check_tracing(Settings(tracing="otlp", **{setting: text}))
    assert "hidden" not in str(refused.value)


def test_without_its_packages_tracing_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(util, "find_spec", nothing)
    with pytest.raises(StartRefused, match=r"strongroom\[tracing\]"):
        tracing.check_tracing(Settings(tracing="otlp"))
    tracing.check_tracing(Settings())


class Now:
    """A clock that goes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.seconds)


def drawn(lot: Sampling, times: int) -> int:
    return sum(lot.draws() for _ in range(times))


def lots(ratio: float, per_second: float) -> Sampling:
    return Sampling(ratio, per_second=per_second, followed=(), addresses=Addresses(()))


@pytest.mark.parametrize(
    ("per_second", "drawn_after"),
    [(10, {0: 10, 0.5: 5, 3600: 10}), (0.1, {0: 1, 9: 0, 1.01: 1})],
)
def test_so_many_a_second_are_told_of_however_many_come(
    monkeypatch: pytest.MonkeyPatch, per_second: float, drawn_after: Mapping[float, int]
) -> None:
    """And a rest is no reason to tell of more at once."""
    now = Now(monkeypatch)
    lot = lots(1, per_second)
    for seconds, expected in drawn_after.items():
        now.seconds += seconds
        assert drawn(lot, 1000) == expected


def test_without_a_bound_the_share_alone_decides() -> None:
    assert drawn(lots(1, 0), 1000) == 1000
    assert drawn(lots(0, 0), 1000) == 0
    assert 300 < drawn(lots(0.5, 0), 1000) < 700
