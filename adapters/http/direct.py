"""Calling a handler as it stands: what it returns goes out without a detour.

The framework finds the route and turns exceptions into answers. Between the two it would build a
model of each request's parameters and a response object, which our handlers make no use of: they
parse by themselves and return what is ready to be sent. That cost more than all else together
(`docs/performance.md`).
"""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.http.backend import BACKEND, Backend
from adapters.http.callers import require_credential
from adapters.http.replies import Reply


class Direct:
    """Stands in the place of what the framework would do with every route, all of them alike."""

    def __init__(self, app: ASGIApp, backend: Backend) -> None:
        """Take what the handlers stand on; what it replaces is never called."""
        del app
        self._backend = backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Unauthenticated: no token is shown, or none that could be one.
        """
        found: Any = scope
        found[BACKEND] = self._backend
        if self._backend.guarded:
            require_credential(found)
        # Without its parameters: a generic class that is called with them is several times slower.
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        # What lists the methods of an address is the same whatever stands in its places.
        places = {} if found["method"] == "OPTIONS" else found["path_params"]
        reply: Reply = await found["route_handler"].fn(request, **places)
        start: Any = {
            "type": "http.response.start", "status": reply.status, "headers": reply.headers,
        }  # fmt: skip
        await send(start)
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})
