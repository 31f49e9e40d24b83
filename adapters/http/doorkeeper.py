"""What stands before every answer in guarded mode: nobody unknown gets any but a 401.

The gate knows the caller of a command. This is for all that is answered without one: an address
that is not there, a malformed body, a page of the description, a route that forgot the gate.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from litestar.types import Message, Scope, Send

from adapters.http.problems import describe, encode
from domain.errors import Cause, Unauthenticated

OPEN = "/health/"
"""What answers to everybody. A load balancer has no credential, and learns only `ok` or not."""

KNOWN = "strongroom.known"
"""The mark that the gate leaves on a request whose caller it knows."""

UNKNOWN = "strongroom.unknown"
"""Where the gate leaves why it does not know the caller of a request: for counting, not to tell."""

CHALLENGE = (b"www-authenticate", b'Bearer realm="strongroom"')
"""What a 401 says is wanted (RFC 9110, section 11.6.1)."""

Knows = Callable[[Scope], Awaitable[bool]]

_UNAUTHORIZED = 401

_TELLS_NOTHING = frozenset({_UNAUTHORIZED, 429})
"""Statuses that come before anybody is known; to look somebody up for a 429 would be to answer."""


def is_open(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request is answered to everybody.

    A browser asks without a credential whether a page may call (Fetch, CORS-preflight).
    """
    asks_first = (
        scope["method"] == "OPTIONS"  # type: ignore[typeddict-item]
        and b"origin" in headers
        and b"access-control-request-method" in headers
    )
    return scope["path"].startswith(OPEN) or asks_first


def mark_known(scope: Any) -> None:
    """Mark a request: the gate knows who sent it."""
    scope[KNOWN] = True


def mark_unknown(scope: Any, cause: Cause) -> None:
    """Mark a request: the gate does not know who sent it."""
    scope[UNKNOWN] = cause


class Doorkeeper:
    """Passes an answer on to a caller who is known, and puts a 401 in its place otherwise."""

    def __init__(self, scope: Scope, send: Send, *, knows: Knows, request_id: str) -> None:
        """Take the request, where its answer goes, and what finds out who sent it."""
        self._scope = scope
        self._send = send
        self._knows = knows
        self._request_id = request_id
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        """Send one part of the answer."""
        if self._replaced:
            return
        if message["type"] == "http.response.start" and not await self._may_pass(message):
            self._replaced = True
            await self._refuse(message["headers"])
            return
        await self._send(message)

    async def _may_pass(self, message: Any) -> bool:
        """Tell whether the answer may leave."""
        if message["status"] in _TELLS_NOTHING or KNOWN in self._scope:
            return True
        return await self._knows(self._scope)

    async def _refuse(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Send a 401, with what a browser has to be told of other origins."""
        body = encode(describe(Unauthenticated(""), request_id=self._request_id))
        kept = [
            pair for pair in headers if pair[0].lower().startswith((b"access-control-", b"vary"))
        ]
        start: Any = {
            "type": "http.response.start",
            "status": _UNAUTHORIZED,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                CHALLENGE,
                *kept,
            ],
        }
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
