"""The application: routes, errors and the edge around them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from adapters.http import (
    access,
    activity,
    alerts,
    audit,
    bulk,
    claim_bindings,
    docs,
    health,
    keys,
    metrics,
    principals,
    roles,
    secrets,
    tokens,
    versions,
)
from adapters.http.addresses import Addresses
from adapters.http.allowed import options_of
from adapters.http.backend import Backend
from adapters.http.client_certs import ClientCerts
from adapters.http.direct import EXCEPTION_HANDLERS, Direct, Shortcut
from adapters.http.edge import Edge, level_for_all, level_for_failures, level_for_none
from adapters.http.guards import LocalGuard
from adapters.http.health import Check
from adapters.http.metrics import Watching
from adapters.http.rate_limits import RateLimits

LOGGED = {"all": level_for_all, "failures": level_for_failures, "none": level_for_none}

Route = tuple[str, str]
"""A method, and the template of an address."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

_TYPED = re.compile(r"\{(\w+):\w+\}")

_OVERHEAD = 128 * 1024
"""Room in a body for everything beside the value, in bytes."""

_ESCAPED = 6
"""Bytes that JSON may take for one byte of text, as in a control character's escape."""

HANDLERS = [
    *secrets.HANDLERS,
    *bulk.HANDLERS,
    *versions.HANDLERS,
    *keys.HANDLERS,
    *audit.HANDLERS,
    *alerts.HANDLERS,
    *activity.HANDLERS,
    *access.HANDLERS,
    *tokens.HANDLERS,
    *roles.HANDLERS,
    *principals.HANDLERS,
    *claim_bindings.HANDLERS,
    *health.HANDLERS,
    *metrics.HANDLERS,
    *docs.HANDLERS,
]


def routes() -> Sequence[Route]:
    """Return every method of every address."""
    return [
        (str(method), path_format(path))
        for handler in [*options_of(HANDLERS), *HANDLERS]
        for path in handler.paths
        for method in handler.http_methods
    ]


def path_format(path: str) -> str:
    """Return the template of an address as the framework tells it: without the types of places."""
    return _TYPED.sub(r"{\1}", path)


def build_app(
    *,
    backend: Backend,
    checks: Mapping[str, Check],
    allowed_origins: Collection[str],
    logged: str,
    addresses: Addresses,
    limits: RateLimits,
    watching: Watching,
    lifespan: Lifespan,
) -> ASGIApp:
    """Return the application with its edge.

    Args:
        backend: what the handlers run commands on.
        checks: what readiness looks at, by name.
        allowed_origins: origins of browser pages that may call.
        logged: which requests are logged: `all`, `failures` or `none`.
        addresses: what finds out where a request comes from.
        limits: how often one may call.
        watching: what counts requests, and the metrics.
        lifespan: what is open as long as the application serves.
    """
    hosts: set[bytes] = set()
    inside = _framework(
        middleware=[DefineMiddleware(Direct, backend=backend, hosts=hosts)],
        lifespan=[lifespan],
        state=State({"checks": dict(checks), "exposition": watching.exposition}),
        cors_config=_cors(allowed_origins),
        request_max_body_size=backend.max_value_bytes * _ESCAPED + _OVERHEAD,
    )
    client_certs = ClientCerts(addresses, allowed_origins) if addresses.tell_certificates else None
    # In guarded mode a page of another origin has no credential that a browser would add for it.
    return Edge(
        Shortcut(inside, backend, hosts),
        guard=None if backend.guarded else LocalGuard(allowed_origins),
        knows=backend.knows if backend.guarded else None,
        addresses=addresses,
        limits=limits,
        traffic=watching.traffic,
        log_level_for=LOGGED[logged],
        client_certs=client_certs,
    )


def _framework(**more: Any) -> Litestar:
    """Return the framework with our handlers, and without what it would add by itself."""
    return Litestar(
        # First, because the framework adds its own `OPTIONS` where it has not seen one.
        route_handlers=[*options_of(HANDLERS), *HANDLERS],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
        debug=False,
        **more,
    )


def _cors(allowed_origins: Collection[str]) -> CORSConfig:
    """Say what pages of other origins may do."""
    return CORSConfig(
        allow_origins=list(allowed_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=[
            "content-type",
            "if-match",
            "authorization",
            "x-api-key",
            "traceparent",
            "tracestate",
        ],
        expose_headers=["etag", "link", "x-request-id", "retry-after", "ratelimit"],
    )
