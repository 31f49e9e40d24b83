"""Answering `OPTIONS` (RFC 9110, section 9.3.7) with every method of an address.

The framework makes such an answer from the first handler of an address and forgets the others.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from litestar import Request, route
from litestar.handlers import HTTPRouteHandler

from adapters.http.heads import with_head
from adapters.http.replies import Reply


def options_of(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return one more handler for every address, which lists the methods it takes."""
    methods: defaultdict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for handler in handlers:
        for path in handler.paths:
            methods[path] |= {str(method) for method in handler.http_methods}
    return [_lister(path, ", ".join(sorted(names))) for path, names in methods.items()]


def _lister(path: str, allow: str) -> HTTPRouteHandler:
    """Return the handler of one address."""

    # What the reply says counts; the framework refuses a handler of 204 that returns anything.
    @route(path, http_method=["OPTIONS"], status_code=200, name=f"options {path}")
    async def allowed(request: Request[Any, Any, Any]) -> Reply:
        names = with_head(allow, request.scope["raw_path"])
        return Reply(b"", b"", 204, ((b"allow", names.encode("ascii")),))

    handler: Any = allowed
    return handler  # type: ignore[no-any-return]
