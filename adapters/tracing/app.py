"""The outermost step: a request, by OpenTelemetry's semantic conventions for HTTP servers.

Of the address only the template of the route is told. What a caller sent stands in none of it:
no path, no query, no header, no body, no user; nor does it say who called, or from where.
"""

from collections.abc import Sequence
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.tracing.sampling import Sampling
from adapters.tracing.spans import SERVER, Parent, Spans, SpanStep
from adapters.tracing.step import CURRENT, Fact, Step

UNTOLD = "/health/"
"""Whoever watches a server asks this all the time."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
OTHER = "_OTHER"
SERVER_ERROR = 500
TRACEPARENT = b"traceparent"
STATE_CHARS = 512
"""So much of `tracestate` must be passed on (W3C Trace Context, section 3.3.1.5); more is dropped
unread, because it is read before anybody has shown who they are."""


class TracedApp:
    """Wraps the application with all that stands around it."""

    def __init__(self, app: ASGIApp, spans: Spans, sampling: Sampling) -> None:
        """Take the application, what makes spans, and which requests are told of."""
        self._app = app
        self._spans = spans
        self._sampling = sampling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith(UNTOLD):
            await self._app(scope, receive, send)
            return
        parent = None
        for name, _ in scope["headers"]:
            if name == TRACEPARENT:
                parent = parent_of(scope)
                break
        if self._sampling.takes(scope, parent):
            await self._told(scope, receive, send, parent)
        elif parent is not None:
            await self._within(parent.passed_on(), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _within(self, step: Step, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a step as the current one."""
        token = CURRENT.set(step)
        try:
            await self._app(scope, receive, send)
        finally:
            CURRENT.reset(token)

    async def _told(
        self, scope: Scope, receive: Receive, send: Send, parent: Parent | None
    ) -> None:
        """Answer a request and tell of it."""
        found: Any = scope
        method = found["method"] if found["method"] in METHODS else OTHER
        step = self._spans.root("HTTP", _facts(found, method), kind=SERVER, parent=parent)
        status = 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._within(step, scope, receive, send_noted)
        finally:
            _end(step, found, method, status)


def _facts(scope: Any, method: str) -> dict[str, Fact]:
    """Return what is known at once. The address is the one that was listened on, not `Host`."""
    facts: dict[str, Fact] = {"http.request.method": method, "url.scheme": scope["scheme"]}
    server = scope.get("server")
    if server:
        facts["server.address"] = server[0]
        if server[1]:
            facts["server.port"] = int(server[1])
    return facts


def _end(step: Step, scope: Any, method: str, status: int) -> None:
    """Tell what came of a request. Its id is the one that stands in the audit log."""
    assert isinstance(step, SpanStep)  # noqa: S101  the outermost step is one
    name = "HTTP" if method == OTHER else method
    route = scope.get("path_template")
    facts: dict[str, Fact] = {}
    if route:
        facts["http.route"] = str(route)
        name = f"{name} {route}"
    if status:
        facts["http.response.status_code"] = status
    request_id = scope.get("strongroom.request_id")
    if request_id:
        facts["strongroom.request_id"] = request_id
    step.rename(name)
    step.note(facts)
    if status >= SERVER_ERROR or not status:
        step.fail(str(status) if status else "no answer")
    step.end()


def parent_of(scope: Any) -> Parent | None:
    """Return who asks, if exactly one says so."""
    found = _all_of(scope, TRACEPARENT)
    if len(found) != 1:
        return None
    state = _all_of(scope, b"tracestate")
    fits = sum(map(len, state)) <= STATE_CHARS
    return Parent.of(found[0], state if fits else ())


def _all_of(scope: Any, name: bytes) -> Sequence[str]:
    """Return all headers of a name."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
