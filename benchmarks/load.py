"""A load generator: a fixed number of connections, each sending its next request at once.

Raw sockets with keep-alive, in one process beside the server, because a full client library
would cost more than the servers that are measured.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from httptools import HttpResponseParser

MakeRequest = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run: answers a second, latencies in milliseconds, and how many were no 200.

    `cpu` is the processor time that the server used for each answer, in microseconds.
    """

    per_second: float
    p50: float
    p99: float
    errors: int
    cpu: float = 0.0


class _Connection(asyncio.Protocol):
    """Sends, waits for the whole answer, notes the time, sends again."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._sent = 0.0
        self._parser = HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._run.latencies.append(time.perf_counter() - self._sent)
        self._run.errors += self._parser.get_status_code() != 200  # noqa: PLR2004  200 is done
        self._parser = HttpResponseParser(self)
        asyncio.get_running_loop().call_soon(self._send)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if time.perf_counter() < self._run.ends:
            self._run.errors += 1

    def _send(self) -> None:
        if time.perf_counter() >= self._run.ends:
            self._transport.close()
            self._run.close_one()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._run.next())  # type: ignore[attr-defined]


class _Run:
    """What the connections of one run share."""

    def __init__(self, make: MakeRequest, seconds: float, connections: int) -> None:
        self._make = make
        self._count = 0
        self._open = connections
        self.finished = asyncio.Event()
        self.latencies: list[float] = []
        self.errors = 0
        self.ends = time.perf_counter() + seconds

    def close_one(self) -> None:
        """Note that a connection has sent its last request."""
        self._open -= 1
        if self._open == 0:
            self.finished.set()

    def next(self) -> bytes:
        """Return the next request."""
        self._count += 1
        return self._make(self._count)


async def measure(port: int, make: MakeRequest, *, connections: int, seconds: float) -> Measured:
    """Load a server on loopback for a time.

    Args:
        port: where it listens.
        make: returns the bytes of the n-th request.
        connections: how many are open, each with one request under way.
        seconds: how long to send.
    """
    run = _Run(make, seconds, connections)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
    async with asyncio.timeout(seconds + 10):
        await run.finished.wait()
    ordered = sorted(run.latencies)
    return Measured(
        per_second=len(ordered) / seconds,
        p50=ordered[len(ordered) // 2] * 1000,
        p99=ordered[int(len(ordered) * 0.99)] * 1000,
        errors=run.errors,
    )
