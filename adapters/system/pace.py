"""Resting for as long as the work took."""

import time

from domain.ports.pace import Pace

LONGEST = 10.0
"""Seconds to rest at most: less than a lease lasts, and than a process may take to stop."""

MOST_WORK = 0.9
"""Seconds that count as work at most.

Nothing cuts a rest short, and a worker that stops waits three seconds for what follows the log,
which works for a quarter of its time: the rest must be over by then and the turn given back, or
its lease keeps others from it for a minute.
"""


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
        worked = min(time.perf_counter() - self._since, MOST_WORK)
        time.sleep(min(worked * self._ratio, LONGEST))
        self._since = time.perf_counter()
