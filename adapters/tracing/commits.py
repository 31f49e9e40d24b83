"""Finding out with whom a change shared its commit."""

import time
from collections.abc import Callable
from typing import Any

from adapters.tracing.step import Step, within
from domain.ports.storage import Session
from domain.ports.store_meter import StoreMeter


class TracedWork:
    """A work of a traced request, with the times of its way."""

    def __init__(self, step: Step, work: Callable[[Session], Any], commits: "Commits") -> None:
        """Take the work and the step that it is."""
        self._step = step
        self._work = work
        self._commits = commits
        self._asked = time.time_ns()
        self._ran = 0
        self._durable = 0
        self._works = 0
        self._seconds = 0.0

    def __call__(self, session: Session) -> Any:
        """Run, on whichever thread has the turn."""
        began = time.time_ns()
        self._commits.ran(self)
        try:
            return within(self._step, self._work, session)
        finally:
            self._ran = time.time_ns()
            self._step.note({"strongroom.storage.queued_seconds": (began - self._asked) / 1e9})

    def committed(self, *, works: int, seconds: float) -> None:
        """Keep that it is durable, and what that took."""
        self._durable, self._works, self._seconds = time.time_ns(), works, seconds

    def tell(self) -> None:
        """Tell of the wait from the end of the work to the commit that held it."""
        if not self._durable:
            return
        step = self._step.begin(
            "storage.commit",
            {
                "strongroom.commit.works": self._works,
                "strongroom.commit.disk_seconds": self._seconds,
            },
            at=self._ran,
        )
        if step is not None:
            step.end(at=self._durable)


class Commits(StoreMeter):
    """Stands between a store and what counts for it.

    Works run one after another, by whoever has the turn, and their commit is counted within that
    turn: so those that ran since the commit before are those that the commit holds.
    """

    def __init__(self, meter: StoreMeter) -> None:
        """Take what counts."""
        self._meter = meter
        self._ran: list[TracedWork] = []

    def ran(self, work: TracedWork) -> None:
        """Take a work that runs now."""
        self._ran.append(work)

    def committed(self, *, works: int, seconds: float) -> None:
        """Tell the works of a commit, and count it."""
        ran, self._ran = self._ran, []
        for work in ran:
            work.committed(works=works, seconds=seconds)
        self._meter.committed(works=works, seconds=seconds)

    def not_committed(self, *, works: int) -> None:
        """Forget the works of a transaction that failed, and count it."""
        self._ran = []
        self._meter.not_committed(works=works)
