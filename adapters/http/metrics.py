"""Metrics for Prometheus (text exposition format)."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get

from adapters.http.backend import backend_of
from adapters.http.replies import NO_STORE
from application.access.read_metrics import ReadMetrics
from domain.access.action import Action

Exposition = Callable[[], bytes]
"""Returns all metrics; may look into the store."""

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@get("/metrics")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the metrics. No name of a secret and no caller is in them."""
    await backend_of(request).admit(request, ReadMetrics(), Action.READ_METRICS)
    exposition: Exposition = request.app.state.exposition
    body = await asyncio.to_thread(exposition)
    return Response(body, media_type=MEDIA_TYPE, headers=NO_STORE)


HANDLERS = [metrics]
