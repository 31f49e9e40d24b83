"""Resting for as long as the work took."""

import time

from domain.ports.pace import Pace

LONGEST = 10.0
"""Seconds to rest at most: less than a lease lasts, and than a process may take to stop."""


class DutyCycle(Pace):
    """Rests in proportion to the time since the last rest, so that the share of work is fixed."""

    def __init__(self, share: float) -> None:
        """Take the share of time to work: above 0, and 1 for never resting."""
        self._ratio = 1 / share - 1
        self._since = time.perf_counter()

    def begin(self) -> None:
        """Count from now on."""
        self._since = time.perf_counter()

    def rest(self) -> None:
        """Sleep."""
        worked = time.perf_counter() - self._since
        time.sleep(min(worked * self._ratio, LONGEST))
        self._since = time.perf_counter()
