"""Figures that are read from the store at every scrape, so that every worker tells the same."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import StorageUnavailable
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

Part = Callable[[Session, datetime], Iterator[Metric]]
"""Reads some figures; the moment is now."""

SHARE = 0.05
"""The largest part of its time that a worker spends on reading figures, however large the store is
and however often it is scraped: in between it tells what it read last."""


class StoreCollector(Collector):
    """Reads all parts on one snapshot. Where the store is away, it tells that and nothing else."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        parts: Sequence[Part],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where to look, the clock that ages go by, what to look for, and a stopwatch."""
        self._timer = timer
        self._storage = storage
        self._clock = clock
        self._parts = parts
        self._reading = threading.Lock()
        self._found: Sequence[Metric] = ()
        self._good_until = 0.0

    def collect(self) -> Iterator[Metric]:
        """Return the figures."""
        try:
            found = self._figures()
        except StorageUnavailable:
            yield _up(value=False)
        else:
            yield _up(value=True)
            yield from found

    def _figures(self) -> Sequence[Metric]:
        """Return figures that are new enough.

        Raises:
            StorageUnavailable: they cannot be read.
        """
        with self._reading:
            began = self._timer()
            if began >= self._good_until:
                self._found = self._storage.read(self._read).result()
                ended = self._timer()
                self._good_until = ended + (ended - began) / SHARE
            return self._found

    def _read(self, session: Session) -> Sequence[Metric]:
        """Read everything on one snapshot."""
        now = self._clock.now()
        return [metric for part in self._parts for metric in part(session, now)]


def _up(*, value: bool) -> Metric:
    """Return whether the store can be read."""
    return GaugeMetricFamily(
        "strongroom_store_up", "Whether the store can be read.", value=float(value)
    )
