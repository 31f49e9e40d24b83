"""Health: whether the process lives, and whether it can do its work."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, get

from adapters.http.replies import Reply, json_reply

Check = Callable[[], None]
"""Raises when what it looks at is not as it must be."""


class Health(msgspec.Struct, kw_only=True):
    """How the service is, check by check: `ok` or `failed`, never why, because all may ask."""

    status: str
    checks: dict[str, str] = {}


@get("/health/live")
async def live(request: Request[Any, Any, Any]) -> Reply:
    """Tell that the process answers."""
    del request
    return json_reply(Health(status="ok"))


@get("/health/ready")
async def ready(request: Request[Any, Any, Any]) -> Reply:
    """Tell whether requests can be served: database, schema, keys, audit log, disk."""
    checks: Mapping[str, Check] = request.app.state.checks
    results = dict(zip(checks, await asyncio.to_thread(_run_all, checks), strict=True))
    healthy = all(result == "ok" for result in results.values())
    health = Health(status="ok" if healthy else "failed", checks=results)
    return json_reply(health, status=200 if healthy else 503)


def _run_all(checks: Mapping[str, Check]) -> list[str]:
    """Run each check, on a thread: a store that hangs must not stop the event loop."""
    return [_run(check) for check in checks.values()]


def _run(check: Check) -> str:
    """Run one check."""
    try:
        check()
    except Exception:  # noqa: BLE001  whatever it is, the answer is the same
        return "failed"
    return "ok"


HANDLERS = [live, ready]
