"""Work that goes on beside the answering, on threads of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from application.turn import Stopping
from domain.errors import StrongroomError

_log = structlog.get_logger("strongroom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do now and then again `seconds` after it was done.

    `run` is told how to find out that the process stops.
    """

    name: str
    seconds: float
    run: Callable[[Stopping], None]


class Background:
    """Does the tasks one after another, on one thread.

    What fails is logged and tried again at its next time.
    """

    def __init__(self, tasks: Sequence[Task], *, after: float = 0.0) -> None:
        """Take the tasks; `start` begins, and the first are done `after` so many seconds."""
        self._tasks = tasks
        self._after = after
        self._due = dict.fromkeys((task.name for task in tasks), 0.0)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="background", daemon=True)

    def start(self) -> None:
        """Begin, if there is anything to do."""
        if self._tasks:
            self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Have the task that runs end soon, and wait for it, or for `timeout` seconds."""
        self._end.set()
        if self._tasks:
            self._thread.join(timeout)

    def _serve(self) -> None:
        """Do what is due until told to stop."""
        self._end.wait(self._after)
        while not self._end.is_set():
            for task in self._tasks:
                if self._due[task.name] <= time.monotonic():
                    self._try(task)
                    self._due[task.name] = time.monotonic() + task.seconds
            self._end.wait(max(0.0, min(self._due.values()) - time.monotonic()))

    def _try(self, task: Task) -> None:
        """Do one task."""
        try:
            task.run(self._end.is_set)
        except Exception as error:  # noqa: BLE001  a defect must not end it for good, unseen
            detail = str(error) if isinstance(error, StrongroomError) else type(error).__name__
            _log.warning(f"{task.name} failed, will try again", detail=detail)
