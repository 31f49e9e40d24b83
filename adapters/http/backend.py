"""What the handlers stand on: the gate, and the way back to the event loop."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from litestar import Request

from adapters.http.awaiting import Landing
from adapters.http.callers import caller_of
from application.gate import Gate
from domain.errors import StrongroomError


class Backend:
    """Runs commands for requests. One for each worker process."""

    def __init__(self, *, gate: Gate, max_value_bytes: int) -> None:
        """Take the gate, and the longest value that is accepted, in bytes of UTF-8."""
        self._gate = gate
        self.max_value_bytes = max_value_bytes

    @cached_property
    def _landing(self) -> Landing:
        """Return the landing of the one event loop of this process."""
        return Landing(asyncio.get_running_loop())

    async def run(self, request: Request[Any, Any, Any], command: object) -> Any:
        """Run one command for whoever sent the request."""
        return await self._landing.wait(self._gate.submit(caller_of(request), command))

    async def run_each(
        self, request: Request[Any, Any, Any], commands: Sequence[object]
    ) -> list[Any | StrongroomError]:
        """Run readings on one snapshot: a result or an error each."""
        results: list[Any | StrongroomError] = await self._landing.wait(
            self._gate.submit_each(caller_of(request), commands)
        )
        return results


def backend_of(request: Request[Any, Any, Any]) -> Backend:
    """Return the backend of the application that got the request."""
    backend: Backend = request.app.state.backend
    return backend
