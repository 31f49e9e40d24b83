"""Windows in Redis or Valkey: all workers and servers count together."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from adapters.rate_limits.memory import MemoryWindows
from adapters.rate_limits.windows import Rate, Windows

TIMEOUT_SECONDS = 0.5
"""How long one question may take: a request waits for it."""

RETRY_SECONDS = 5.0
"""How long a server that failed is left alone."""

_log = structlog.get_logger("strongroom")

Ask = Callable[[MovingWindowRateLimiter], Awaitable[int]]


class SharedWindows(Windows):
    """While the server of the windows fails, this process counts for itself.

    Neither is every request refused then, nor is any let through uncounted: a limit protects, but
    decides about nobody's rights, and must not be what the secrets' availability hangs on.
    """

    def __init__(self, url: str) -> None:
        """Take the URL; nothing is connected to before the first request."""
        self._pool = ConnectionPool.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        storage = RedisStorage(
            f"async+{url}",
            connection_pool=self._pool,  # type: ignore[arg-type]  # the library's hint is too narrow
            wrap_exceptions=True, implementation="redispy", key_prefix="strongroom",
        )  # fmt: skip
        self._limiter = MovingWindowRateLimiter(storage)
        self._own = MemoryWindows()
        self._again = 0.0

    async def take(self, rate: Rate, key: str) -> int:
        """Count one request."""

        async def ask(limiter: MovingWindowRateLimiter) -> int:
            return 0 if await limiter.hit(_item(rate), key) else await _wait(limiter, rate, key)

        found = await self._ask(ask)
        return await self._own.take(rate, key) if found is None else found

    async def full_for(self, rate: Rate, key: str) -> int:
        """Look without counting."""

        async def ask(limiter: MovingWindowRateLimiter) -> int:
            return 0 if await limiter.test(_item(rate), key) else await _wait(limiter, rate, key)

        found = await self._ask(ask)
        return await self._own.full_for(rate, key) if found is None else found

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _ask(self, ask: Ask) -> int | None:
        """Ask the server, or return `None` while it fails."""
        if time.monotonic() < self._again:
            return None
        try:
            return await asyncio.wait_for(ask(self._limiter), 2 * TIMEOUT_SECONDS)
        except (StorageError, TimeoutError) as error:
            cause = type(error.__cause__ or error).__name__
            if time.monotonic() >= self._again:
                _log.error("the server of the rate limits fails, counting alone", cause=cause)
            self._again = time.monotonic() + RETRY_SECONDS
            return None


async def _wait(limiter: MovingWindowRateLimiter, rate: Rate, key: str) -> int:
    """Return how long until the oldest request leaves the window."""
    moment = (await limiter.get_window_stats(_item(rate), key)).reset_time
    return max(1, math.ceil(moment - time.time()))


def _item(rate: Rate) -> RateLimitItem:
    """Return a rate in the words of the library."""
    return RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=rate.name)
