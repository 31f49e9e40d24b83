"""Memory that all workers of one server share: each counts in a block of its own.

A scrape reaches any one worker, and must tell of all of them. The block of a worker that has ended
stays counted, and the next worker that starts goes on in it: nothing is lost, nothing is left over,
and nothing goes backwards until the whole server starts anew.
"""

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NUMBER_BYTES = 8
MOST_BLOCKS = 1024
"""Workers that may be alive at once: the old ones may still finish when new ones have started.

The system gives memory only to blocks that were used.
"""

_USED = 0
_HEAD = 1
"""A block begins with one number that says whether it was ever used."""


class Block:
    """The numbers of one worker. Adding is safe on any thread; no other process writes here."""

    def __init__(self, number: int, values: "memoryview[float]") -> None:
        """Take the place among the workers, and the numbers."""
        self.number = number
        self._values = values
        self._adding = threading.Lock()

    def add(self, place: int, amount: float = 1.0) -> None:
        """Add to one number."""
        with self._adding:
            self._values[place] += amount

    def observe(self, bucket: int, total: int, amount: float) -> None:
        """Count an observation in its bucket, and add it to the total."""
        with self._adding:
            self._values[total] += amount
            self._values[bucket] += 1.0

    def put(self, place: int, value: float) -> None:
        """Set one number."""
        self._values[place] = value

    def get(self, place: int) -> float:
        """Return one number."""
        value: float = self._values[place]
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What stands in one block, and whether its worker is alive."""

    number: int
    alive: bool
    values: Sequence[float]


class Board:
    """Made before the workers are forked, and inherited by them; it has no name and no file.

    Who holds a block is told by a lock of the system on one byte (fcntl(2), advisory record
    locking): it ends with the process, however that ends, and is not inherited.
    """

    def __init__(self, size: int) -> None:
        """Make one for blocks of `size` numbers."""
        self._stride = (size + _HEAD) * NUMBER_BYTES
        self._file = os.memfd_create("strongroom-metrics")
        os.ftruncate(self._file, self._stride * MOST_BLOCKS)
        self._memory = memoryview(mmap.mmap(self._file, self._stride * MOST_BLOCKS))
        self._own: set[int] = set()

    def claim(self) -> Block:
        """Take the first block that no living process holds, for as long as this one lives.

        Raises:
            OSError: all are held.
        """
        number = next((n for n in range(MOST_BLOCKS) if n not in self._own and self._lock(n)), None)
        if number is None:
            raise OSError("too many workers at once for the board of metrics")
        self._own.add(number)
        values = self._values(number)
        values[_USED] = 1.0
        return Block(number, values[_HEAD:])

    def told(self) -> Iterator[Told]:
        """Return what stands in every block that was ever used."""
        for number in range(MOST_BLOCKS):
            values = self._values(number)
            if not values[_USED]:
                return
            yield Told(number=number, alive=self._is_held(number), values=values[_HEAD:].tolist())

    def _values(self, number: int) -> "memoryview[float]":
        """Return all numbers of a block."""
        start = number * self._stride
        return self._memory[start : start + self._stride].cast("d")

    def _is_held(self, number: int) -> bool:
        """Tell whether a living process holds a block."""
        if number in self._own:
            return True
        if not self._lock(number):
            return True
        # A worker that starts within this moment takes the next block: no harm is done.
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False

    def _lock(self, number: int) -> bool:
        """Lock the byte of a block, if no other process has."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True
