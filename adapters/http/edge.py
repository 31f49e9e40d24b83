"""The outermost layer: request ids, the guards, headers for every answer, and the log line."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.addresses import Addresses
from adapters.http.callers import HEADERS
from adapters.http.client_certs import CERTIFICATE, ClientCerts
from adapters.http.doorkeeper import UNKNOWN, Doorkeeper, Knows, is_open
from adapters.http.guards import LocalGuard
from adapters.http.headers import headers_for
from adapters.http.heads import as_get
from adapters.http.negotiation import accepts_json
from adapters.http.paths import is_canonical
from adapters.http.problems import HTTP_KINDS, INTERNAL, SERVER_ERROR, encode, problem
from adapters.http.rate_limits import LimitReached, RateLimits
from adapters.http.refusals import HttpRefusal
from adapters.http.traffic import Traffic
from domain.errors import Cause

SINGLE = frozenset(
    {
        b"host", b"origin", b"sec-fetch-site", b"content-type", b"if-match", b"authorization",
        b"x-api-key", b"client-cert", b"client-cert-chain",
    }
)  # fmt: skip
"""Headers that must not stand twice (RFC 9110, section 5.3; RFC 9112, section 3.2).

Readers differ in which of two counts: the guard would look at one, and whoever stands before or
behind it at the other.
"""

UNAUTHORIZED = 401
CLIENT_ERROR = 400

UNLIMITED = "/health/"
"""Whoever watches a server must see it while others call too often."""

FAILED = HttpRefusal(500, "something went wrong inside; the log has more under this request id")

_log = structlog.get_logger("strongroom.http")


@dataclass(slots=True)
class _Exchange:
    """What the log line needs to know of one request."""

    request_id: str
    method: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 500
    begun: bool = False


class Edge:
    """Wraps the application: nothing comes in or goes out beside it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        guard: LocalGuard | None,
        knows: Knows | None,
        addresses: Addresses,
        limits: RateLimits,
        traffic: Traffic,
        log_level_for: Callable[[int], str | None],
        client_certs: ClientCerts | None = None,
    ) -> None:
        """Take the application and what stands around it.

        Args:
            app: the application.
            guard: who may speak to a server in local mode.
            knows: what finds out, in guarded mode, whether a caller is known.
            addresses: what finds out where a request comes from.
            limits: how often one may call.
            traffic: what counts requests.
            log_level_for: which status is logged at which level, if any.
            client_certs: what takes certificates of clients from proxies, if anything does.
        """
        self._app = app
        self._guard = guard
        self._knows = knows
        self._addresses = addresses
        self._limits = limits
        self._traffic = traffic
        self._log_level_for = log_level_for
        self._client_certs = client_certs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(request_id=os.urandom(8).hex(), method=scope["method"])
        send = as_get(scope, send)
        address = self._addresses.of(scope)
        scope["strongroom.request_id"] = exchange.request_id  # type: ignore[typeddict-unknown-key]
        scope["strongroom.address"] = address  # type: ignore[typeddict-unknown-key]
        headers = dict(scope["headers"])
        scope[HEADERS] = headers  # type: ignore[literal-required]
        extra = (*headers_for(scope), (b"x-request-id", exchange.request_id.encode()))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.begun = True
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        answer = self._kept(scope, headers, send_with_headers, exchange.request_id)
        try:
            self._check_sender(scope, headers)
            if not scope["path"].startswith(UNLIMITED):
                await self._limits.admit(address, headers)
            _check_form(scope, headers)
            if self._client_certs is not None:
                scope[CERTIFICATE] = self._client_certs.of(scope, headers)  # type: ignore[literal-required]
            await self._app(scope, receive, answer)
            await self._limits.answered(exchange.status, address, headers)
        except HttpRefusal as refusal:
            if isinstance(refusal, LimitReached):
                self._traffic.limited(refusal.limit)
            await _refuse(refusal, exchange.request_id, answer)
            await self._limits.answered(exchange.status, address, headers)
        except Exception as error:
            # The framework answers errors itself. What still gets here would become an answer of
            # the server beneath, without any of our headers.
            cause = type(error).__name__
            _log.error("failed at the edge", request_id=exchange.request_id, error=cause)
            if exchange.begun:
                raise
            await _refuse(FAILED, exchange.request_id, send_with_headers)
        finally:
            seconds = time.perf_counter() - exchange.started
            self._count(scope, exchange, seconds)
            self._write_log(scope, exchange, seconds)

    def _kept(
        self, scope: Scope, headers: Mapping[bytes, bytes], send: Send, request_id: str
    ) -> Send:
        """Return where the answer goes: past the doorkeeper, where there is one."""
        if self._knows is None or is_open(scope, headers):
            return send
        return Doorkeeper(scope, send, knows=self._knows, request_id=request_id)

    def _check_sender(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Refuse what a foreign page sends, before it is counted as the user's own."""
        if self._guard is not None:
            _check_single(scope, headers)
            self._guard.check(headers, scheme=scope["scheme"])

    def _count(self, scope: Any, exchange: _Exchange, seconds: float) -> None:
        """Count the request, without anything of it but what we have words for ourselves."""
        self._traffic.answered(
            route=scope.get("path_template"),
            method=exchange.method,
            status=exchange.status,
            seconds=seconds,
        )
        if exchange.status == UNAUTHORIZED:
            self._traffic.unauthenticated(scope.get(UNKNOWN, Cause.MISSING))

    def _write_log(self, scope: Any, exchange: _Exchange, seconds: float) -> None:
        """Write one line, without the path: it may hold a name, and the audit log has that."""
        level = self._log_level_for(exchange.status)
        if level is None:
            return
        _log.log(
            _LEVELS[level],
            "request",
            request_id=exchange.request_id,
            method=exchange.method,
            route=_route(scope),
            status=exchange.status,
            milliseconds=round(seconds * 1000, 2),
        )


def _check_form(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Refuse a request for its headers or its address. In guarded mode it was counted before."""
    _check_single(scope, headers)
    if not is_canonical(scope["raw_path"]):
        raise HttpRefusal(404, "an address is written without percent signs and double slashes")
    if scope["path"].startswith("/api/") and not accepts_json(headers.get(b"accept")):
        raise HttpRefusal(406, "the answer is application/json, so accept that")


def _check_single(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Refuse a header that decides and stands twice."""
    given: Any = scope["headers"]
    if len(headers) == len(given):  # none at all stands twice
        return
    names = [name for name, _ in given if name in SINGLE]
    if len(names) != len(set(names)):
        raise HttpRefusal(400, "a header that decides is given twice")


_LEVELS = {"info": 20, "warning": 30, "error": 40}


def level_for_all(status: int) -> str | None:
    """Log every request."""
    return level_for_failures(status) or "info"


def level_for_failures(status: int) -> str | None:
    """Log requests that were refused or failed."""
    if status >= SERVER_ERROR:
        return "error"
    return "warning" if status >= CLIENT_ERROR else None


def level_for_none(status: int) -> str | None:
    """Log failures of ours only."""
    return "error" if status >= SERVER_ERROR else None


def _route(scope: Any) -> str:
    """Return the template of the route, or `-` where none fits."""
    return str(scope.get("path_template") or "-")


async def _refuse(refusal: HttpRefusal, request_id: str, send: Send) -> None:
    """Answer a refusal that came before the application."""
    document = problem(
        HTTP_KINDS.get(refusal.status, INTERNAL), refusal.detail, request_id=request_id
    )
    body = encode(document)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
