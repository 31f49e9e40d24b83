"""Stopping so that whoever watches knows before the server no longer listens."""

import os
import signal
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from domain.errors import Unavailable

_TELL = signal.SIGUSR2
_STOP = (signal.SIGTERM, signal.SIGINT)


class Draining(Unavailable):
    """The server finishes what it has accepted, and wants no more."""


def watch() -> Callable[[], None]:
    """Have this worker told that the server stops; return the check that fails from then on."""
    told = threading.Event()
    signal.signal(_TELL, lambda *_: told.set())

    def check() -> None:
        if told.is_set():
            raise Draining("the server stops")

    return check


def stop_later(seconds: float, workers: Callable[[], Iterable[int]]) -> None:
    """Have a stop tell the workers first, and take place after some seconds.

    Whoever tells it to stop a second time waits no longer.

    Args:
        seconds: how long to go on; with 0 nothing is changed.
        workers: gives the ids of the processes that serve.
    """
    if not seconds:
        return
    signal.signal(_TELL, signal.SIG_IGN)  # for a worker that does not listen yet
    for number in _STOP:
        before: Any = signal.getsignal(number)
        signal.signal(number, _Stop(seconds, workers, before))


class _Stop:
    """What a signal does that stops the server."""

    def __init__(
        self, seconds: float, workers: Callable[[], Iterable[int]], stop: Callable[..., Any]
    ) -> None:
        self._seconds = seconds
        self._workers = workers
        self._stop = stop
        self._is_told = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Tell the workers and stop later, or now when this was done before."""
        if self._is_told:
            self._stop(number, frame)
            return
        self._is_told = True
        for worker in self._workers():
            os.kill(worker, _TELL)
        later = threading.Timer(self._seconds, self._stop, (number, None))
        later.daemon = True
        later.start()
