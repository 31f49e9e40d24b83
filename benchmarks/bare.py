"""Strongroom without authentication, policy and audit: only to measure what those three cost.

It exists here and nowhere in the package: there is no setting that makes a server do this.
"""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from litestar import Litestar
from litestar.types import ASGIApp

from adapters.access.local import LocalPolicy
from adapters.http.addresses import Addresses
from adapters.http.app import build_app
from adapters.http.metrics import Watching
from adapters.http.traffic import Unwatched
from application.attempt import Attempt
from application.futures import Kept
from application.gate import Gate
from entrypoints import collector
from entrypoints.container import Container, build_backend
from entrypoints.limits import build_rate_limits
from entrypoints.preparation import STARTING, prepare
from entrypoints.settings import Settings


class BareGate(Gate):
    """Writes nothing down."""

    def _record(self, attempts: Iterable[Attempt]) -> Future[None]:
        """Pass over what was attempted."""
        del attempts
        return Kept(None)


def load(settings: Settings, source: Any) -> ASGIApp:
    """Build the application inside a worker process."""
    container = Container(settings=settings, root_key_source=source)
    container.prepare_keys()(STARTING)
    gate = BareGate(
        storage=container.storage(),
        policy=LocalPolicy(),
        clock=container.clock(),
        meter=container.meter(),
        use_cases=container.use_cases(),
    )
    backend = build_backend(
        settings, gate, container.storage(), container.key_ring(), source, container.clock()
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        collector.settle()
        yield

    return build_app(
        backend=backend,
        checks={},
        allowed_origins=(),
        logged="none",
        addresses=Addresses(()),
        limits=build_rate_limits(settings),
        watching=Watching(traffic=Unwatched(), exposition=lambda _: (b"", "text/plain")),
        lifespan=lifespan,
    )


def main() -> None:
    """Serve on the port that is given."""
    limit = 1_000_000
    settings = Settings(
        data_dir=Path(os.environ["STRONGROOM_DATA_DIR"]), port=int(sys.argv[1]),
        rate_limit_per_address=limit, rate_limit_per_credential=limit,
    )  # fmt: skip
    container = Container(settings=settings)
    prepare(container)
    source = container.root_key_source()
    server = Granian(
        target="bare", address="127.0.0.1", port=settings.port, interface=Interfaces.ASGI,
        http=HTTPModes.http1, websockets=False, log_enabled=False,
    )  # fmt: skip
    server.serve(target_loader=partial(load, settings, source), wrap_loader=False)


if __name__ == "__main__":
    main()
