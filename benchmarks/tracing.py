"""Measures what tracing costs a reveal, within one process: off, on and drawn never, and so on.

Processes that do the same differ by several percent in what they take, for as long as they live.
So what is small is measured here: applications of one process take turns, and are called without
a server. What a server takes besides is missing, and so shares come out larger than they are.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.http.addresses import Addresses
from adapters.http.app import build_app
from adapters.http.metrics import Watching
from adapters.http.traffic import Unwatched
from application.secrets.create_secret import CreateSecret
from benchmarks.servers import NO_LIMIT
from domain.secrets.name import SecretName
from domain.secrets.value import SecretValue
from entrypoints import collector
from entrypoints.container import Container
from entrypoints.limits import build_rate_limits
from entrypoints.preparation import STARTING, prepare
from entrypoints.settings import Settings
from entrypoints.tracing import Untraced, build_tracing
from tests.collector import Collector

TOGETHER = 64
FEW = {"off": None, "off again": None, "on, none": 0.0, "on, 1 %": 0.01}
ALL = {"off": None, "off again": None, "on, all": 1.0}
"""Apart, because what sends spans goes on working in the turns of the others."""


class Called:
    """One application, with a store of its own."""

    def __init__(self, folder: Path, endpoint: str, ratio: float | None) -> None:
        """Build it and put one secret in."""
        limit = int(NO_LIMIT)
        settings = Settings(
            data_dir=folder, tracing="off" if ratio is None else "otlp", tracing_ratio=ratio or 0.0,
            tracing_endpoint=endpoint, rate_limit_per_address=limit,
        )  # fmt: skip
        prepare(Container(settings=settings))
        self.tracing: Untraced = build_tracing(settings)
        self.container = Container(settings=settings, tracing=self.tracing)
        self.container.prepare_keys()(STARTING)
        command = CreateSecret(name=SecretName("a"), value=SecretValue("v" * 100))
        self.container.own_gate().run(STARTING, command)
        app = build_app(
            backend=self.container.backend(), checks={}, allowed_origins=(), logged="none",
            addresses=Addresses(()), limits=build_rate_limits(settings),
            watching=Watching(traffic=Unwatched(), exposition=lambda _: (b"", "")),
            lifespan=_never,
        )  # fmt: skip
        self._app = self.tracing.app(app)

    async def reveal(self) -> None:
        """Reveal the secret once."""
        scope: Any = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/api/secrets/1/decrypt", "query_string": b"",
            "raw_path": b"/api/secrets/1/decrypt", "root_path": "", "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000), "headers": [(b"host", b"localhost")], "state": {},
        }  # fmt: skip
        status: list[int] = []

        async def send(message: Any) -> None:
            status.append(message.get("status", 0))

        await self._app(scope, _receive, send)
        if status[0] != 200:  # noqa: PLR2004  that is done
            raise SystemExit(f"a reveal was answered with {status[0]}")

    def close(self) -> None:
        """End it."""
        self.container.storage().close()
        self.tracing.close()


async def _costs(called: Sequence[Called], rounds: int, turns: int) -> list[list[float]]:
    """Return what a reveal took in each round, in microseconds, by application."""
    found: list[list[float]] = [[] for _ in called]
    for number in range(rounds + 1):
        for one, costs in random.sample(list(zip(called, found, strict=True)), len(called)):
            before = time.process_time()
            for _ in range(turns):
                await asyncio.gather(*(one.reveal() for _ in range(TOGETHER)))
            if number:  # the first round is for warming up
                costs.append((time.process_time() - before) / (turns * TOGETHER) * 1e6)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--all", action="store_true", help="trace all, instead of few")
    arguments = parser.parse_args()
    ratios = ALL if arguments.all else FEW
    with tempfile.TemporaryDirectory() as folder, Collector().serving() as receiving:
        called = [
            Called(Path(folder) / str(number), receiving.endpoint, ratio)
            for number, ratio in enumerate(ratios.values())
        ]
        collector.settle()
        found = asyncio.run(_costs(called, arguments.rounds, arguments.turns))
        for one in called:
            one.close()
    for name, costs in zip(ratios, found, strict=True):
        more = statistics.median(a / b - 1 for a, b in zip(costs, found[0], strict=True))
        print(f"{name:10} {statistics.median(costs):6.0f} µs  {more:+7.1%}")


async def _receive() -> Any:
    """Have nothing more."""
    return {"type": "http.request", "body": b"", "more_body": False}


def _never(_: object) -> Any:
    """Be asked for nothing: no lifespan is begun."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
