"""Where each figure of a worker stands in its block of the board."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Something that only grows. `series` are all label values that there can be."""

    name: str
    text: str
    labels: Labels = ()
    series: Sequence[Labels] = ((),)

    @property
    def width(self) -> int:
        """Return how many numbers one series takes."""
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Something that is observed. A series is a number for each bucket, one above, and the sum.

    `quiet` leaves out series that nothing was observed in: there are many of them.
    """

    name: str
    text: str
    buckets: Sequence[float]
    labels: Labels = ()
    series: Sequence[Labels] = ((),)
    quiet: bool = False

    @property
    def width(self) -> int:
        """Return how many numbers one series takes."""
        return len(self.buckets) + 2

    def bucket_of(self, amount: float) -> int:
        """Return which bucket an observation falls into; the one above all is the last."""
        return bisect_left(self.buckets, amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFigure:
    """A figure of one worker, which is told for each worker by itself.

    One that `grows` goes on with what an earlier worker of the same number left.
    """

    name: str
    text: str
    grows: bool = False

    @property
    def width(self) -> int:
        """Return how many numbers it takes."""
        return 1

    @property
    def series(self) -> Sequence[Labels]:
        """Return the one series that a block has of it."""
        return ((),)


Family = Counter | Histogram | WorkerFigure


@dataclass(frozen=True, slots=True)
class Layout:
    """The families in their order, one series after another, the same in every process."""

    families: Sequence[Family]
    _places: Mapping[str, Mapping[Labels, int]] = field(init=False, repr=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Give every series its place."""
        place, places = 0, dict[str, Mapping[Labels, int]]()
        for family in self.families:
            places[family.name] = {
                labels: place + number * family.width for number, labels in enumerate(family.series)
            }
            place += len(family.series) * family.width
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "size", place)

    def places(self, family: Family) -> Mapping[Labels, int]:
        """Return where each series of a family begins."""
        return self._places[family.name]

    def place(self, family: Family) -> int:
        """Return where the one series of a family without labels begins."""
        return self._places[family.name][()]


def every(*values: Iterable[str]) -> Sequence[Labels]:
    """Return every combination of label values."""
    return list(product(*values))
