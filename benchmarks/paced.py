"""Load at a fixed rate: a request is due at its time, however late the answers before it are.

A generator that waits for each answer sends less while the server is slow, and so leaves out of
its figures just what a caller would have noticed.
"""

import asyncio
import time
from dataclasses import dataclass, field

from httptools import HttpResponseParser

from benchmarks.load import MakeRequest, Measured


class _Connection(asyncio.Protocol):
    """Sends one request at a time, and goes back to those that are free."""

    def __init__(self, free: "asyncio.Queue[_Connection]") -> None:
        self._free = free
        self._parser = HttpResponseParser(self)
        self._part: Part | None = None
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._free.put_nowait(self)

    def send(self, request: bytes, part: "Part", due: float) -> None:
        """Send a request that was due at a moment."""
        self._part, self._due = part, due
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        assert self._part is not None  # noqa: S101  nothing answers what was not asked
        self._part.latencies.append(time.perf_counter() - self._due)
        self._part.errors += self._parser.get_status_code() != 200  # noqa: PLR2004  200 is done
        self._parser = HttpResponseParser(self)
        self._free.put_nowait(self)

    def close(self) -> None:
        """End it."""
        self._transport.close()


@dataclass(slots=True)
class Part:
    """One kind of request in a mix, and every how many there is one."""

    make: MakeRequest
    every: int
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    def measured(self, seconds: float) -> Measured:
        """Return the figures."""
        ordered = sorted(self.latencies)
        return Measured(
            per_second=len(ordered) / seconds,
            p50=ordered[len(ordered) // 2] * 1000,
            p99=ordered[int(len(ordered) * 0.99)] * 1000,
            errors=self.errors,
        )


async def mix(
    port: int, often: MakeRequest, seldom: Part, *, rate: int, connections: int, seconds: float
) -> tuple[Measured, Measured]:
    """Send so many requests a second, of which some are of another kind; return both figures."""
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(free), "127.0.0.1", port)
    other = Part(often, 1)
    began = time.perf_counter()
    for count in range(int(rate * seconds)):
        due = began + count / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        part = seldom if count % seldom.every == 0 else other
        (await free.get()).send(part.make(count), part, due)
    idle = [await free.get() for _ in range(connections)]
    for connection in idle:
        connection.close()
    return other.measured(seconds), seldom.measured(seconds)
