"""Metrics for Prometheus (text exposition format)."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, get

from adapters.http.backend import backend_of
from adapters.http.replies import Reply
from application.access.read_metrics import ReadMetrics
from domain.access.action import Action

Exposition = Callable[[], bytes]
"""Returns all metrics; may look into the store."""

MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


@get("/metrics")
async def metrics(request: Request[Any, Any, Any]) -> Reply:
    """Return the metrics. No name of a secret and no caller is in them."""
    await backend_of(request).admit(request, ReadMetrics(), Action.READ_METRICS)
    exposition: Exposition = request.app.state.exposition
    body = await asyncio.to_thread(exposition)
    return Reply(body, MEDIA_TYPE)


HANDLERS = [metrics]
