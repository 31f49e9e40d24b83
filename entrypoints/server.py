"""The server: checks, preparation, and the worker processes."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from litestar.types import ASGIApp

from adapters.http.addresses import Addresses, networks
from adapters.http.app import build_app
from adapters.http.metrics import Watching
from adapters.loopback import is_loopback
from domain.access.credential import Credential
from domain.errors import StartRefused
from domain.ports.root_key_source import RootKeySource
from entrypoints import collector, draining, hardening, logs, modes
from entrypoints.administrator import make_administrator
from entrypoints.background import Background
from entrypoints.checks import build_checks
from entrypoints.container import Container
from entrypoints.housekeeping import (
    backups_of,
    feeds_of,
    followers_of,
    senders_of,
    tasks_of,
    watchers_of,
)
from entrypoints.limits import build_rate_limits, check_rate_limits
from entrypoints.measuring import Measuring, watched
from entrypoints.preparation import STARTING, Readiness, prepare
from entrypoints.settings import Settings
from entrypoints.tls.files import files_of
from entrypoints.tracing import build_tracing, check_tracing
from entrypoints.workers import Server, tell_ended

if TYPE_CHECKING:
    from entrypoints.tls.https import Https

Wrap = Callable[[ASGIApp], ASGIApp]

FEEDING_SECONDS = 3.0
"""How long a stopping worker waits for whoever takes entries of the audit log."""

FIRST_ANSWERS_SECONDS = 0.5
"""How long a new worker keeps no house, so that who has waited for its start waits no longer."""

_log = structlog.get_logger("strongroom")


def serve(settings: Settings) -> None:
    """Run the server until it is told to stop.

    Raises:
        StartRefused: it must not or cannot start; the message is for the operator.
    """
    hardening.harden()
    logs.configure(settings)
    address = "127.0.0.1" if settings.host == "localhost" else settings.host
    https = _check(settings, address)
    container = Container(settings=settings)
    modes.check_workers(container.store(), settings)
    modes.check_backups(container.store(), settings)
    ready = prepare(container)
    # A person may have been asked for the root key; the workers are handed it and ask nobody.
    source: RootKeySource = container.root_key_source()
    if settings.is_guarded:
        _show_first_token(make_administrator(settings, source))
    options = _options(settings, address)
    wrap: Wrap = _as_it_is
    if https is None:
        server = Server(**options)
    else:
        server, wrap = https.server(renewed=container.store().is_shared, **options)
    _report(ready, settings)
    server.on_startup(
        partial(draining.stop_later, settings.drain_seconds, partial(_workers_of, server))
    )
    server.on_startup(partial(hardening.stop_at_hangup, signal.getsignal(signal.SIGHUP)))
    hardening.stop_while_loading()
    try:
        server.serve(
            target_loader=partial(load_worker, settings, source, Measuring(), os.getpid(), wrap),
            wrap_loader=False,
        )
    except SystemExit:
        tell_ended(server.wrks, "a worker died")
        _log.error("stopped, because worker processes died again and again")
        raise
    _log.info("stopped")


def _check(settings: Settings, address: str) -> "Https | None":
    """See that the settings can be served, before anything is touched; return what https needs.

    Raises:
        StartRefused: they cannot.
    """
    modes.check(settings)
    _check_port(address, settings.port)
    scraped = modes.metrics_address(settings)
    if scraped is not None:
        _check_port(*scraped, setting="metrics_listen")
    https = _https_of(settings)
    check_rate_limits(settings)
    _check_proofs(settings)
    check_tracing(settings)
    return https


def _https_of(settings: Settings) -> "Https | None":
    """Return the certificate that the settings name, or `None` for plain http.

    Raises:
        StartRefused: it cannot be shown.
    """
    files = files_of(settings)
    if files is None:
        return None
    # Loaded here, so that nobody waits for the library who shows no certificate.
    from entrypoints.tls.https import Https  # noqa: PLC0415

    return Https.of(settings, files)


def _check_proofs(settings: Settings) -> None:
    """See that what callers prove themselves with, besides our tokens, can be verified.

    Raises:
        StartRefused: it cannot.
    """
    # Loaded here, so that nobody waits for the libraries who takes only our tokens.
    if settings.issuers:
        from entrypoints.issuers import check_issuers  # noqa: PLC0415

        check_issuers(settings)
    if settings.client_cert_header:
        from entrypoints.client_certs import check_client_certs  # noqa: PLC0415

        check_client_certs(settings)


def _options(settings: Settings, address: str) -> dict[str, Any]:
    """Return what the server beneath is told, with and without TLS."""
    return {
        "target": "strongroom",
        "address": address,
        "port": settings.port,
        "interface": Interfaces.ASGI,
        # HTTP/2, and the guess which of the two a client speaks, have no timeout in this server: a
        # connection that stays silent after it was opened would be kept for ever.
        "http": HTTPModes.http1,
        "workers": settings.workers,
        # One that dies within seconds of taking the place of another ends the server all the same.
        "respawn_failed_workers": True,
        "websockets": False,
        "log_enabled": False,
        "backpressure": hardening.room_for(settings.max_connections),
        "http1_settings": HTTP1Settings(
            header_read_timeout=int(settings.header_timeout_seconds * 1000),
            max_buffer_size=settings.max_head_bytes,
        ),
        "workers_kill_timeout": settings.shutdown_seconds,
        "process_name": None,
    }


def _workers_of(server: Any) -> list[int]:
    """Return the ids of the processes that serve."""
    return [worker.inner.pid for worker in server.wrks if worker.is_alive()]


def _as_it_is(app: ASGIApp) -> ASGIApp:
    """Wrap nothing."""
    return app


def load_worker(
    settings: Settings, source: RootKeySource, measuring: Measuring, parent: int, wrap: Wrap
) -> ASGIApp:
    """Build the application inside a worker process."""
    with hardening.ended_by_stops():
        return _load_worker(settings, source, measuring, parent, wrap)


def _load_worker(
    settings: Settings, source: RootKeySource, measuring: Measuring, parent: int, wrap: Wrap
) -> ASGIApp:
    """Build it, with a stop ending the process at any moment."""
    hardening.harden()
    hardening.die_with_parent(parent)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the process that started it sees to that
    logs.configure(settings)
    accepting = draining.watch()
    measured = measuring.worker()
    tracing = build_tracing(settings)
    container = Container(
        settings=settings, root_key_source=source, meter=measured.meter, tracing=tracing
    )
    container.prepare_keys()(STARTING)
    _log.info("worker started", process=os.getpid())
    report, exposition = measured.open(container.storage(), container.clock())
    app = build_app(
        backend=container.backend(),
        checks={**build_checks(container), "accepting": accepting},
        allowed_origins=settings.cors_origins,
        logged=settings.log_requests,
        addresses=Addresses(
            networks(settings.trusted_proxies), tell_certificates=settings.client_cert_header
        ),
        limits=build_rate_limits(settings),
        watching=Watching(traffic=measured.meter, exposition=exposition),
        lifespan=lambda _app: watched(settings, report, exposition, _lifespan(container)),
    )
    return wrap(tracing.app(app))


@contextlib.asynccontextmanager
async def _lifespan(container: Container) -> AsyncIterator[None]:
    """Keep house while the worker serves; finish what was accepted when it stops."""
    hardening.hear_stops_when_serving()
    background, backups, *outward = (
        Background(tasks(container), after=FIRST_ANSWERS_SECONDS)
        for tasks in (tasks_of, backups_of, feeds_of, followers_of, senders_of, watchers_of)
    )
    for one in (background, backups, *outward):
        one.start()
    collector.settle()
    try:
        yield
    finally:
        await asyncio.to_thread(background.stop)
        await asyncio.to_thread(backups.stop)
        # What a slow receiver has not taken by then is handed over after the next start.
        await asyncio.gather(*(asyncio.to_thread(one.stop, FEEDING_SECONDS) for one in outward))
        await asyncio.to_thread(container.storage().close)
        await asyncio.to_thread(container.tracing().close)


def _check_port(host: str, port: int, *, setting: str = "--port") -> None:
    """See that nobody listens there yet.

    The server shares its port between workers, and so would silently share it with a stranger.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartRefused(
                f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0).lower()};"
                f" choose another with {setting}"
            ) from None


def _show_first_token(credential: Credential | None) -> None:
    """Show the token of the first administrator once: on standard output, never in the log."""
    if credential is not None:
        _log.warning("there was no administrator; the token of 'admin' is shown once, now")
        print(credential.reveal(), flush=True)  # noqa: T201  the one place that shows it


def _warn(settings: Settings) -> None:
    """Say plainly what the mode means."""
    if not settings.is_guarded:
        _log.warning(
            "local mode: all programs on this machine can read the secrets, unasked;"
            " auth = 'required' ends that"
        )
    elif files_of(settings) is None and not is_loopback(settings.host):
        _log.warning("tokens and values travel in the clear, unless a proxy in front adds TLS")


def _report(ready: Readiness, settings: Settings) -> None:
    """Say what was done, and plainly what local mode means."""
    if ready.key_created:
        _log.info("root key created, keep a copy in a safe place", source=ready.root_key)
    if ready.copy is not None:
        _log.info("tables upgraded, the database was copied before", copy=ready.copy)
    if ready.keys.adopted:
        _log.info("values of an earlier backend taken over", values=ready.keys.adopted)
    if ready.keys.unreadable:
        _log.warning(
            "values that do not open with the root key were left as they are",
            count=len(ready.keys.unreadable),
            ids=list(ready.keys.unreadable[:20]),
        )
    _warn(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "http" if files_of(settings) is None else "https"
    _log.info("serving", address=f"{scheme}://{host}:{settings.port}", docs="/docs")
