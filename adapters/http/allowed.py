"""Answering `OPTIONS` (RFC 9110, section 9.3.7) with every method of an address.

The framework makes such an answer from the first handler of an address and forgets the others.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler


def options_of(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return one more handler for every address, which lists the methods it takes."""
    methods: defaultdict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for handler in handlers:
        for path in handler.paths:
            methods[path] |= {str(method) for method in handler.http_methods}
    return [_lister(path, ", ".join(sorted(names))) for path, names in methods.items()]


def _lister(path: str, allow: str) -> HTTPRouteHandler:
    """Return the handler of one address."""

    @route(path, http_method=["OPTIONS"], status_code=204, name=f"options {path}")
    async def allowed() -> Response[None]:
        return Response(
            None, status_code=204, headers={"allow": allow, "cache-control": "no-store"}
        )

    handler: Any = allowed
    return handler  # type: ignore[no-any-return]
