"""What the handlers stand on: the gate, and the way back to the event loop."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import Any

from litestar import Request

from adapters.http.absence import Absence
from adapters.http.awaiting import Landing
from adapters.http.callers import caller_of, credential_of
from adapters.http.doorkeeper import mark_known, mark_unknown
from adapters.http.refusals import HttpRefusal
from application.access.who_am_i import WhoAmI
from application.gate import Gate
from application.keys.rotate_data_key import RotateDataKey
from application.keys.rotate_root_key import RotateRootKey
from domain.access.action import Action
from domain.access.caller import Caller
from domain.access.rights import Rights
from domain.errors import Denied, NotFound, StrongroomError, Unauthenticated
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation

AnyRequest = Request[Any, Any, Any]

BACKEND = "strongroom.backend"
"""Where a request has what its handler stands on."""


class Backend:
    """Runs commands for requests. One for each worker process."""

    def __init__(
        self,
        *,
        gate: Gate,
        rotate_data_key: RotateDataKey,
        rotate_root_key: RotateRootKey,
        guarded: bool,
        max_value_bytes: int,
        body_seconds: float,
        not_found_seconds: float,
    ) -> None:
        """Take what runs commands and rotates keys, and some limits.

        Args:
            gate: what runs commands.
            rotate_data_key: what has a new data key take over.
            rotate_root_key: what replaces the root key.
            guarded: whether every call but those about health needs a credential.
            max_value_bytes: the longest value that is accepted, in bytes of UTF-8.
            body_seconds: how long a body may take to arrive.
            not_found_seconds: how long it takes at least, where somebody is known, to be told that
                a secret is not there.
        """
        self._gate = gate
        self._rotate_data_key = rotate_data_key
        self._rotate_root_key = rotate_root_key
        self.guarded = guarded
        self.max_value_bytes = max_value_bytes
        self.body_seconds = body_seconds
        self._absence = Absence(not_found_seconds if guarded else 0)

    @cached_property
    def _landing(self) -> Landing:
        """Return the landing of the one event loop of this process."""
        return Landing(asyncio.get_running_loop())

    def caller_of(self, request: AnyRequest) -> Caller:
        """Return who sent a request, as far as the request says."""
        return caller_of(request.scope, guarded=self.guarded)

    async def run(self, request: AnyRequest, command: object) -> Any:
        """Run one command for whoever sent the request."""
        began = perf_counter()
        try:
            return await self._answer(request, self._gate.submit(self.caller_of(request), command))
        except NotFound:
            await self._absence.pass_from(began)
            raise

    async def run_apart(self, request: AnyRequest, command: object) -> Any:
        """Run one command on a thread, because it may take long."""
        caller = self.caller_of(request)
        # Submitting is what takes long: a reading runs where it is asked for.
        work = await asyncio.to_thread(self._gate.submit, caller, command)
        return await self._answer(request, work)

    async def run_each(
        self, request: AnyRequest, commands: Sequence[object]
    ) -> list[Any | StrongroomError]:
        """Run readings on one snapshot: a result or an error each."""
        began = perf_counter()
        results: list[Any | StrongroomError] = await self._answer(
            request, self._gate.submit_each(self.caller_of(request), commands)
        )
        if any(isinstance(result, NotFound) for result in results):
            await self._absence.pass_from(began)
        return results

    async def admit(self, request: AnyRequest, command: object, action: Action) -> Rights:
        """Return the rights of who sent the request, if an action on no secret is allowed.

        Nothing is recorded unless it is refused: then the command is tried, which does that.
        """
        caller = self.caller_of(request)
        try:
            rights: Rights = await self._answer(request, self._gate.admit(caller, action))
        except (Denied, Unauthenticated):
            await self.run(request, command)
            raise
        return rights

    async def knows(self, scope: Any) -> bool:
        """Tell whether somebody is known by what a request shows."""
        request: AnyRequest = Request(scope)
        try:
            credential = credential_of(scope)
            if credential is None or not credential.is_well_formed:
                return False
            await self.admit(request, WhoAmI(), Action.WHO_AM_I)
        except (Unauthenticated, HttpRefusal):
            return False
        return True

    async def rotate_data_key(self, request: AnyRequest) -> Rotation:
        """Begin a rotation, on a thread: the root key may be far away."""
        caller = await self._known_caller(request)
        return await asyncio.to_thread(self._rotate_data_key, caller)

    async def rotate_root_key(self, request: AnyRequest) -> RootKeyRecord:
        """Replace the root key in its place, on a thread."""
        caller = await self._known_caller(request)
        return await asyncio.to_thread(self._rotate_root_key, caller)

    async def _known_caller(self, request: AnyRequest) -> Caller:
        """Return the caller under the name by which what it begins is remembered."""
        rights = await self.admit(request, WhoAmI(), Action.WHO_AM_I)
        return replace(self.caller_of(request), principal=rights.principal)

    async def _answer(self, request: AnyRequest, work: Future[Any]) -> Any:
        """Wait for work of the gate, and mark the request of a caller whom it knows."""
        try:
            result = await self._landing.wait(work)
        except Unauthenticated as error:
            mark_unknown(request.scope, error.cause)
            raise
        except StrongroomError:
            mark_known(request.scope)
            raise
        mark_known(request.scope)
        return result


def backend_of(request: AnyRequest) -> Backend:
    """Return the backend of the application that got the request."""
    backend: Backend = request.scope[BACKEND]  # type: ignore[literal-required]
    return backend
