"""Calling a handler as it stands: what it returns goes out without a detour.

The framework finds the route and answers what has none. Around each handler it would build a model
of the parameters, a response object and some wrappers, which ours make no use of: they parse by
themselves and return what is ready to be sent. That cost more than all else together
(`docs/performance.md`).
"""

from typing import Any

from litestar import Litestar, Request
from litestar.exceptions import HTTPException, LitestarException
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils import normalize_path

from adapters.http.backend import BACKEND, Backend
from adapters.http.callers import HEADERS, require_credential
from adapters.http.failures import on_error, on_http_exception, on_refusal
from adapters.http.refusals import HttpRefusal
from adapters.http.replies import Reply

EXCEPTION_HANDLERS: Any = {
    HttpRefusal: on_refusal,
    HTTPException: on_http_exception,
    Exception: on_error,
}
"""What an exception becomes, whichever way the request has come."""

MOST_HOSTS = 64


class Direct:
    """Stands in the place of what the framework would do with every route, all of them alike."""

    def __init__(self, app: ASGIApp, backend: Backend, hosts: set[bytes]) -> None:
        """Take what the handlers stand on; what it replaces is never called.

        Args:
            app: what it replaces.
            backend: what the handlers stand on.
            hosts: where to keep the names of this server that the framework has let through.
        """
        del app
        self._backend = backend
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request that the framework has let through."""
        found: Any = scope
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(found[HEADERS].get(b"host", b""))
        await send_reply(await reply_of(found, receive, send, self._backend), send)


class Shortcut:
    """Takes requests past what the framework wraps around every route, where they need none of it.

    They need it to be told that there is no such route or method, to be looked at as a page of
    another origin, and to have the name of the host checked, once for each name.
    """

    def __init__(self, inside: Litestar, backend: Backend, hosts: set[bytes]) -> None:
        """Take the application, what its handlers stand on, and the names that were let through."""
        self._inside = inside
        self._backend = backend
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found: Any = scope
        if not self._leads_to_a_handler(found):
            await self._inside(scope, receive, send)
            return
        try:
            reply = await reply_of(found, receive, send, self._backend)
        except Exception as error:  # noqa: BLE001  as the framework does
            request: Request[Any, Any, Any] = Request(scope, receive, send)
            response = _handler_of(error)(request, error)
            await response.to_asgi_response(app=None, request=request)(scope, receive, send)
        else:
            await send_reply(reply, send)

    def _leads_to_a_handler(self, scope: Any) -> bool:
        """Tell whether there is a handler, and note which one, as the framework's router does."""
        if scope["type"] != "http" or scope["method"] == "OPTIONS" or scope.get("root_path"):
            return False
        headers = scope[HEADERS]
        if b"origin" in headers or headers.get(b"host", b"") not in self._hosts:
            return False
        try:
            _, handler, path, places, template = self._inside.asgi_router.handle_routing(
                path=normalize_path(scope["path"]), method=scope["method"]
            )
        except LitestarException:
            return False
        scope["app"] = scope["litestar_app"] = self._inside
        scope.setdefault("state", {})
        scope["route_handler"], scope["path_template"] = handler, template
        scope["path"], scope["path_params"] = path, places
        return True


async def reply_of(scope: Any, receive: Receive, send: Send, backend: Backend) -> Reply:
    """Return what a handler answers.

    Raises:
        Unauthenticated: no token is shown, or none that could be one.
    """
    scope[BACKEND] = backend
    if backend.guarded:
        require_credential(scope)
    # Without its parameters: a generic class that is called with them is several times slower.
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    # What lists the methods of an address is the same whatever stands in its places.
    places = {} if scope["method"] == "OPTIONS" else scope["path_params"]
    reply: Reply = await scope["route_handler"].fn(request, **places)
    return reply


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer."""
    start: Any = {
        "type": "http.response.start", "status": reply.status, "headers": reply.headers,
    }  # fmt: skip
    await send(start)
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


def _handler_of(error: Exception) -> Any:
    """Return what makes an answer of an exception."""
    return next(handle for kind, handle in EXCEPTION_HANDLERS.items() if isinstance(error, kind))
