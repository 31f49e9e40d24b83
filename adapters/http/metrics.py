"""Metrics for Prometheus: the text exposition format, or OpenMetrics where that is asked for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, get

from adapters.http.backend import backend_of
from adapters.http.replies import Reply
from adapters.http.traffic import Traffic
from application.access.read_metrics import ReadMetrics
from domain.access.action import Action

Exposition = Callable[[str], tuple[bytes, str]]
"""Returns all metrics and their media type for what a scraper accepts; may look into the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """What counts requests, and what tells everything that was counted."""

    traffic: Traffic
    exposition: Exposition


@get("/metrics")
async def metrics(request: Request[Any, Any, Any]) -> Reply:
    """Return the metrics. No name of a secret and no caller is in them."""
    await backend_of(request).admit(request, ReadMetrics(), Action.READ_METRICS)
    exposition: Exposition = request.app.state.exposition
    body, media_type = await asyncio.to_thread(exposition, request.headers.get("accept", ""))
    return Reply(body, media_type.encode("ascii"), more=((b"vary", b"accept"),))


HANDLERS = [metrics]
