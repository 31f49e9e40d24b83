"""What the handlers stand on: the gate, and the way back to the event loop."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from litestar import Request

from adapters.http.awaiting import Landing
from adapters.http.callers import caller_of
from application.gate import Gate
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from domain.errors import StrongroomError
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation


class Backend:
    """Runs commands for requests. One for each worker process."""

    def __init__(
        self,
        *,
        gate: Gate,
        rotate_data_key: RotateDataKey,
        rotate_root_key: RotateRootKey,
        max_value_bytes: int,
        body_seconds: float,
    ) -> None:
        """Take what runs commands and rotates keys, and two limits.

        Args:
            gate: what runs commands.
            rotate_data_key: what has a new data key take over.
            rotate_root_key: what replaces the root key.
            max_value_bytes: the longest value that is accepted, in bytes of UTF-8.
            body_seconds: how long a body may take to arrive.
        """
        self._gate = gate
        self._rotate_data_key = rotate_data_key
        self._rotate_root_key = rotate_root_key
        self.max_value_bytes = max_value_bytes
        self.body_seconds = body_seconds

    @cached_property
    def _landing(self) -> Landing:
        """Return the landing of the one event loop of this process."""
        return Landing(asyncio.get_running_loop())

    async def run(self, request: Request[Any, Any, Any], command: object) -> Any:
        """Run one command for whoever sent the request."""
        return await self._landing.wait(self._gate.submit(caller_of(request), command))

    async def run_apart(self, request: Request[Any, Any, Any], command: object) -> Any:
        """Run one command on a thread, because it may take long."""
        return await asyncio.to_thread(self._gate.run, caller_of(request), command)

    async def run_each(
        self, request: Request[Any, Any, Any], commands: Sequence[object]
    ) -> list[Any | StrongroomError]:
        """Run readings on one snapshot: a result or an error each."""
        results: list[Any | StrongroomError] = await self._landing.wait(
            self._gate.submit_each(caller_of(request), commands)
        )
        return results

    async def rotate_data_key(self, request: Request[Any, Any, Any]) -> Rotation:
        """Begin a rotation, on a thread: the root key may be far away."""
        return await asyncio.to_thread(self._rotate_data_key, caller_of(request))

    async def rotate_root_key(self, request: Request[Any, Any, Any]) -> RootKeyRecord:
        """Replace the root key in its place, on a thread."""
        return await asyncio.to_thread(self._rotate_root_key, caller_of(request))


def backend_of(request: Request[Any, Any, Any]) -> Backend:
    """Return the backend of the application that got the request."""
    backend: Backend = request.app.state.backend
    return backend
