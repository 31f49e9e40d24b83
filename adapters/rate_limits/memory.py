"""Windows in the memory of this process: each worker counts for itself."""

import math
import time
from collections import deque

from adapters.rate_limits.windows import Rate, Windows

PARTS = 100
"""A window moves on in hundredths of its length; so what it costs does not grow with the rate."""


class _Window:
    """The requests of one key: how many in each part of the window, the oldest first."""

    __slots__ = ("parts", "total")

    def __init__(self) -> None:
        self.parts: deque[list[int]] = deque()
        self.total = 0

    def expire(self, part: int) -> None:
        """Forget what lies a whole window before a part."""
        while self.parts and self.parts[0][0] <= part - PARTS:
            self.total -= self.parts.popleft()[1]

    def add(self, part: int) -> None:
        """Count one request."""
        if self.parts and self.parts[-1][0] == part:
            self.parts[-1][1] += 1
        else:
            self.parts.append([part, 1])
        self.total += 1


class _Generations:
    """The windows of one rate. Those that nobody touched for a whole window are let go of."""

    __slots__ = ("_before", "_now", "_until", "_width")

    def __init__(self, rate: Rate) -> None:
        self._width = rate.seconds / PARTS
        self._now: dict[str, _Window] = {}
        self._before: dict[str, _Window] = {}
        self._until = 0.0

    def part(self, moment: float) -> int:
        """Return the part of the window that a moment lies in."""
        return int(moment / self._width)

    def find(self, key: str, moment: float) -> _Window | None:
        """Return a window, or `None` where nothing was counted lately."""
        if moment >= self._until:
            self._before, self._now = self._now, {}
            self._until = moment + self._width * PARTS
        window = self._now.get(key)
        if window is None:
            window = self._before.pop(key, None)
            if window is not None:
                self._now[key] = window
        return window

    def open(self, key: str) -> _Window:
        """Return a new window."""
        window = self._now[key] = _Window()
        return window

    def wait(self, window: _Window, moment: float) -> int:
        """Return how many seconds pass until the oldest part leaves the window, one at least."""
        leaves = (window.parts[0][0] + PARTS) * self._width
        return max(1, math.ceil(leaves - moment))


class MemoryWindows(Windows):
    """Costs a microsecond a request, and some kilobytes for each key that is in use."""

    def __init__(self) -> None:
        self._rates: dict[Rate, _Generations] = {}

    async def take(self, rate: Rate, key: str) -> int:
        """Count one request."""
        return self.look(rate, key, count=True)

    async def full_for(self, rate: Rate, key: str) -> int:
        """Look without counting."""
        return self.look(rate, key, count=False)

    def look(self, rate: Rate, key: str, *, count: bool) -> int:
        """Return 0, or how many seconds a full window stays full."""
        moment = time.monotonic()
        windows = self._rates.get(rate)
        if windows is None:
            if not count:  # as long as nothing at all was counted, such as a failure
                return 0
            windows = self._rates[rate] = _Generations(rate)
        part = windows.part(moment)
        window = windows.find(key, moment)
        if window is not None:
            window.expire(part)
            if window.total >= rate.amount:
                return windows.wait(window, moment)
        if count:
            (window or windows.open(key)).add(part)
        return 0
