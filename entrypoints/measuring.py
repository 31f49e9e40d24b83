"""What a server counts, from the board that all its workers share to the page for scrapers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from prometheus_client.registry import Collector

from adapters.http.app import routes
from adapters.http.guards import LocalGuard
from adapters.http.scraping import ScrapeListener
from adapters.metrics.backups import of_backups
from adapters.metrics.board import Board
from adapters.metrics.catalogue import layout_of, requests_of
from adapters.metrics.counted import BoardCollector
from adapters.metrics.counting import BoardMeter
from adapters.metrics.exposition import Exposition
from adapters.metrics.keys import of_keys
from adapters.metrics.secrets import of_audit, of_secrets
from adapters.metrics.stored import StoreCollector
from adapters.metrics.worker import WorkerReport
from domain.ports.clock import Clock
from domain.ports.storage import Storage
from entrypoints.background import Background, Task
from entrypoints.modes import metrics_address
from entrypoints.settings import Settings

REPORT_SECONDS = 5.0
"""How old the figures of a worker may be when another one is scraped."""

PARTS = (of_keys, of_secrets, of_audit, of_backups)
"""What is read from the store."""


class Measuring:
    """Made once, before the workers are forked."""

    def __init__(self) -> None:
        """Make the board."""
        self._requests = requests_of(routes())
        self._layout = layout_of(self._requests)
        self._board = Board(self._layout.size)

    def worker(self) -> "WorkerMeasuring":
        """Take a block for this process."""
        block = self._board.claim()
        meter = BoardMeter(block, self._layout, self._requests)
        collector = BoardCollector(self._board, self._layout)
        return WorkerMeasuring(
            meter, collector, lambda storage: WorkerReport(block, self._layout, storage)
        )


class WorkerMeasuring:
    """What one worker counts with, and what it tells."""

    def __init__(
        self,
        meter: BoardMeter,
        counted: BoardCollector,
        report: Callable[[Storage], WorkerReport],
    ) -> None:
        """Take what counts, and what tells of all workers."""
        self.meter = meter
        self._counted = counted
        self._report = report

    def open(self, storage: Storage, clock: Clock) -> tuple[WorkerReport, Exposition]:
        """Return what writes this worker's figures, and what tells all figures."""
        report = self._report(storage)
        return report, Exposition(self.collectors(storage, clock), before=report)

    def collectors(self, storage: Storage, clock: Clock) -> Sequence[Collector]:
        """Return what tells of all workers and of the store."""
        return self._counted, StoreCollector(storage=storage, clock=clock, parts=PARTS)


@contextlib.asynccontextmanager
async def watched(
    settings: Settings,
    report: WorkerReport,
    exposition: Exposition,
    lifespan: AbstractAsyncContextManager[None],
) -> AsyncIterator[None]:
    """Report on this worker while it serves, and answer at the address of the metrics."""
    reporting = Background((Task(name="the figures", seconds=REPORT_SECONDS, run=report),))
    listener = _listener(settings, exposition)
    reporting.start()
    if listener is not None:
        await listener.start()
    try:
        async with lifespan:
            yield
    finally:
        if listener is not None:
            await listener.stop()
        await asyncio.to_thread(reporting.stop)


def _listener(settings: Settings, exposition: Exposition) -> ScrapeListener | None:
    """Return what listens on the address of the metrics, if they have one of their own."""
    address = metrics_address(settings)
    if address is None:
        return None
    host, port = address
    guard = None if settings.is_guarded else LocalGuard(())
    return ScrapeListener(exposition, host=host, port=port, guard=guard)
