"""What a worker tells of itself on the board."""

import os
import resource
import time
from pathlib import Path

from adapters.metrics import catalogue
from adapters.metrics.board import Block
from adapters.metrics.layout import Layout, WorkerFigure
from domain.ports.storage import Storage
from domain.ports.storage_figures import Figures, StorageFigures

_PAGE = os.sysconf("SC_PAGE_SIZE")


class WorkerReport:
    """Writes the figures of this process into its block, whenever it is called."""

    def __init__(self, block: Block, layout: Layout, storage: Storage) -> None:
        """Begin where an earlier worker in this place ended."""
        self._block = block
        self._layout = layout
        self._storage = storage
        self._before = block.get(layout.place(catalogue.CPU))
        self._put(catalogue.STARTED, time.time())

    def __call__(self, _stopping: object = None) -> None:
        """Write."""
        self._put(catalogue.CPU, self._before + time.process_time())
        self._put(catalogue.MEMORY, float(_resident_bytes()))
        self._put(catalogue.OPEN_FILES, float(_open_files()))
        self._put(catalogue.MOST_FILES, float(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
        figures = self._figures()
        self._put(catalogue.WAITING, figures.waiting_writes)
        self._put(catalogue.CONNECTIONS, figures.open_connections or 0)
        self._put(catalogue.USED_CONNECTIONS, figures.used_connections or 0)
        self._put(catalogue.MOST_CONNECTIONS, figures.most_connections or 0)

    def _figures(self) -> Figures:
        """Return what the store tells of itself, if it does."""
        storage = self._storage
        return storage.figures() if isinstance(storage, StorageFigures) else Figures()

    def _put(self, family: WorkerFigure, value: float) -> None:
        """Write one figure."""
        self._block.put(self._layout.place(family), value)


def _open_files() -> int:
    """Return how many files are open, without the folder that lists them."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1


def _resident_bytes() -> int:
    """Return how much memory this process has (proc_pid_statm(5), the second field)."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
