"""Windows in the memory of this process: each worker counts for itself."""

from functools import lru_cache

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from adapters.rate_limits.windows import Rate, Windows, seconds_until


class MemoryWindows(Windows):
    """Costs some microseconds a request, and 200 bytes for each that lies in a window."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, rate: Rate, key: str) -> int:
        """Count one request."""
        item = _item(rate)
        return 0 if self._limiter.hit(item, key) else self._wait(item, key)

    async def full_for(self, rate: Rate, key: str) -> int:
        """Look without counting."""
        item = _item(rate)
        return 0 if self._limiter.test(item, key) else self._wait(item, key)

    def _wait(self, item: RateLimitItem, key: str) -> int:
        """Return how long until the oldest request leaves the window."""
        return seconds_until(self._limiter.get_window_stats(item, key).reset_time)


@lru_cache
def _item(rate: Rate) -> RateLimitItem:
    """Return what the library is asked with, made once."""
    return rate.item()
