"""Metrics on an address of their own: one small page over plain HTTP/1.1, and nothing else.

For a scraper on a network of its own, which gets no token. What it may learn is what `/metrics`
tells: how much there is and how it goes, never a name, a value or a caller.
"""

import asyncio
import contextlib

import structlog

from adapters.http.guards import LocalGuard
from adapters.http.metrics import Exposition
from adapters.http.refusals import HttpRefusal
from adapters.http.scrape_heads import parse_head

MAX_HEAD = 8 * 1024
"""Bytes of a request's head."""

HEAD_SECONDS = 5.0
ANSWER_SECONDS = 30.0
"""How long a client may take to send the head of its request, and to take the answer."""

MOST_CLIENTS = 8
"""Clients at a time: scrapers are few, and whoever opens more must not slow the service."""

_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip

_log = structlog.get_logger("strongroom.http")


class ScrapeListener:
    """Answers `GET /metrics`. Every worker listens on the same address; any one tells of all."""

    def __init__(
        self, exposition: Exposition, *, host: str, port: int, guard: LocalGuard | None
    ) -> None:
        """Take the metrics, the address, and who looks at requests in local mode."""
        self._exposition = exposition
        self._host = host
        self._port = port
        self._guard = guard
        self._clients = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is not to be had.
        """
        self._server = await asyncio.start_server(
            self._serve, self._host, self._port, reuse_port=True, limit=MAX_HEAD
        )

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up."""
        self._clients += 1
        try:
            if self._clients <= MOST_CLIENTS:
                await self._answer(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client is gone, too slow, or no HTTP client
        finally:
            self._clients -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the head of one request and answer it."""
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        try:
            status, (body, media_type) = 200, await self._page(head)
        except HttpRefusal as refusal:
            status, body, media_type = refusal.status, refusal.detail.encode(), "text/plain"
        except Exception as error:  # noqa: BLE001  a scrape must not end the listener
            _log.error("the metrics cannot be told", error=type(error).__name__)
            status, body, media_type = 500, b"something went wrong inside", "text/plain"
        lines = (
            f"HTTP/1.1 {status} {_REASONS[status]}",
            f"content-type: {media_type}",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "connection: close",
        )
        writer.write("\r\n".join((*lines, "", "")).encode("ascii") + body)
        async with asyncio.timeout(ANSWER_SECONDS):
            await writer.drain()

    async def _page(self, head: bytes) -> tuple[bytes, str]:
        """Return the metrics.

        Raises:
            HttpRefusal: something else is asked for.
        """
        method, path, headers = parse_head(head)
        if self._guard is not None:
            self._guard.check(headers, scheme="http")
        if path != b"/metrics":
            raise HttpRefusal(404, "there is only /metrics")
        if method != b"GET":
            raise HttpRefusal(405, "there is only GET")
        accepted = headers.get(b"accept", b"").decode("latin-1")
        return await asyncio.to_thread(self._exposition, accepted)
