"""An application of this process, called without a server: to measure what is small.

Processes that do the same differ by several percent in what they take, for as long as they live.
Applications of one process that take turns do not. What a server takes besides is missing, and so
shares come out larger than they are.
"""

import asyncio
import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.http.addresses import Addresses
from adapters.http.app import build_app
from adapters.http.metrics import Watching
from adapters.http.traffic import Traffic, Unwatched
from application.secrets.create_secret import CreateSecret
from benchmarks.servers import NO_LIMIT, STOCK
from domain.secrets.name import SecretName
from domain.secrets.value import SecretValue
from entrypoints.container import Container
from entrypoints.housekeeping import followers_of
from entrypoints.limits import build_rate_limits
from entrypoints.measuring import Measuring
from entrypoints.preparation import STARTING, prepare
from entrypoints.settings import Settings
from entrypoints.tracing import build_tracing

TOGETHER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What of the watching an application has.

    `tracing` is the share of requests that is drawn, or `None` for no tracing; `following` names
    the tasks that go through the audit log.
    """

    metrics: bool = False
    following: frozenset[str] = frozenset()
    tracing: float | None = None


class Called:
    """One application, with a store of its own, and a stock of secrets in it."""

    def __init__(self, folder: Path, watched: Watched, *, endpoint: str) -> None:
        """Build it as a worker does.

        Args:
            folder: where its store is.
            watched: what of the watching it has.
            endpoint: where its spans go.
        """
        limit = int(NO_LIMIT)
        settings = Settings(
            data_dir=folder, tracing="off" if watched.tracing is None else "otlp",
            tracing_ratio=watched.tracing or 0.0, tracing_endpoint=endpoint,
            tracing_per_second=0 if watched.tracing == 1 else 10,
            rate_limit_per_address=limit, rate_limit_per_credential=limit,
        )  # fmt: skip
        prepare(Container(settings=settings))
        self._tracing = build_tracing(settings)
        meter = Measuring().worker().meter if watched.metrics else None
        counting = {} if meter is None else {"meter": meter}
        self._container = Container(settings=settings, tracing=self._tracing, **counting)
        self._container.prepare_keys()(STARTING)
        self._fill()
        self._app = self._tracing.app(_app(settings, self._container, meter or Unwatched()))
        self._followers = [
            task for task in followers_of(self._container) if task.name in watched.following
        ]
        self._numbers = itertools.cycle(range(1, STOCK + 1))

    async def ask(self, groups: int) -> float:
        """Reveal many secrets; return the processor time of the whole process, in seconds."""
        before = time.process_time()
        for _ in range(groups):
            await asyncio.gather(*(self._reveal(next(self._numbers)) for _ in range(TOGETHER)))
        return time.process_time() - before

    async def follow(self) -> float:
        """Follow the log to its end; return the processor time of the whole process, in seconds."""
        before = time.process_time()
        for task in self._followers:
            await asyncio.to_thread(task.run, _never)
        return time.process_time() - before

    def close(self) -> None:
        """End it."""
        self._container.storage().close()
        self._tracing.close()

    def _fill(self) -> None:
        """Create the stock."""
        gate = self._container.own_gate()
        for number in range(1, STOCK + 1):
            name, value = SecretName(f"stock-{number}"), SecretValue("v" * 100)
            gate.run(STARTING, CreateSecret(name=name, value=value))

    async def _reveal(self, number: int) -> None:
        """Reveal a secret."""
        path = f"/api/secrets/{number}/decrypt"
        scope: Any = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "query_string": b"", "raw_path": path.encode(),
            "root_path": "", "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 50000),
            "headers": [(b"host", b"localhost")], "state": {},
        }  # fmt: skip
        status: list[int] = []

        async def send(message: Any) -> None:
            status.append(message.get("status", 0))

        await self._app(scope, _receive, send)
        if status[0] != 200:  # noqa: PLR2004  that is done
            raise SystemExit(f"a reveal was answered with {status[0]}")


def _app(settings: Settings, container: Container, traffic: Traffic) -> Any:
    """Return the application as a server has it."""
    return build_app(
        backend=container.backend(), checks={}, allowed_origins=(), logged="none",
        addresses=Addresses(()), limits=build_rate_limits(settings),
        watching=Watching(traffic=traffic, exposition=lambda _: (b"", "")),
        lifespan=_no_lifespan,
    )  # fmt: skip


async def _receive() -> Any:
    """Have nothing more."""
    return {"type": "http.request", "body": b"", "more_body": False}


def _never() -> bool:
    """Go on to the end."""
    return False


def _no_lifespan(_: object) -> Any:
    """Be asked for nothing: no lifespan is begun."""
    raise NotImplementedError
