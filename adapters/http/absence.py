"""How long it takes to be told that something is not there.

A secret that a caller may not see is said not to be there, in the same words. The work behind the
two differs a little all the same: a row was read, and a long value takes longer to read. So neither
answer leaves before a time by which both are ready, and how long it took tells nothing.
"""

import asyncio
from time import perf_counter


class Absence:
    """Holds an answer back."""

    def __init__(self, seconds: float) -> None:
        """Take how long the answer takes at least, in seconds."""
        self._seconds = seconds

    async def pass_from(self, began: float) -> None:
        """Wait until enough time has passed since `began`, a moment of `perf_counter`."""
        left = began + self._seconds - perf_counter()
        if left > 0:
            await asyncio.sleep(left)
