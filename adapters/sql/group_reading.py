"""Readings on threads of their own: those that wait together share a snapshot."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from adapters.sql.group_commit import Conflict
from domain.errors import StorageUnavailable
from domain.ports.foreseen import foreseen
from domain.ports.storage import Session
from domain.secrets.reference import Reference

T = TypeVar("T")

MAX_GROUP = 32
"""Readings on one snapshot; more would make the first wait for those that came before it."""

MAX_WAITING = 20_000
"""Readings that may wait; beyond that a caller is better told to come back."""


class Snapshot(Protocol):
    """One open snapshot."""

    @property
    def session(self) -> Session:
        """Return the repositories on it."""

    @property
    def is_refused(self) -> bool:
        """Tell whether the first statement on it was to open it, and did not."""

    @property
    def is_sound(self) -> bool:
        """Tell whether it can be read on: not when a statement on it failed."""

    @property
    def has_looked_in_vain(self) -> bool:
        """Tell whether it failed where secrets of several readings were looked for."""


Open = Callable[[Sequence[Reference]], AbstractContextManager[Snapshot]]
"""Opens a snapshot, for works that will look for these secrets.

Ending one that was read to the end raises nothing, or nobody hears of it.
"""


@dataclass(slots=True)
class _Job:
    """A reading and the promise made for it."""

    work: Callable[[Session], Any]
    promise: Future[Any] = field(default_factory=Future)
    is_second_try: bool = False
    is_foreseen: bool = True


class GroupReader:
    """Runs readings in the order they came, on several threads.

    A snapshot is opened after all that share it were asked for, so each sees what was answered
    before. That saves a database on another machine most of its round trips.
    """

    def __init__(self, open_snapshot: Open, *, threads: int, lost: Callable[[], None]) -> None:
        """Start the threads.

        Args:
            open_snapshot: opens one, on the thread that reads on it.
            threads: how many.
            lost: is called when a connection was lost, before a reading is tried again.
        """
        self._open = open_snapshot
        self._lost = lost
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"reader-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue a reading."""
        job = _Job(work)
        job.promise.set_running_or_notify_cancel()  # from here on it cannot be cancelled
        with self._closing:
            if self._closed:
                job.promise.set_exception(StorageUnavailable("the store is closed"))
            elif self._jobs.qsize() >= MAX_WAITING:
                job.promise.set_exception(StorageUnavailable("too many readings wait, try again"))
            else:
                self._jobs.put(job)
        return job.promise

    def close(self) -> None:
        """Run what was queued, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """Run groups until told to stop."""
        while (first := self._jobs.get()) is not None:
            group = deque([first])
            ends = self._take_along(group)
            while group:
                self._run(group)
            if ends:
                break

    def _take_along(self, group: deque[_Job]) -> bool:
        """Take this thread's share of what waits; tell whether this thread is to stop after it."""
        share = min(MAX_GROUP - 1, self._jobs.qsize() // len(self._threads) + 1)
        for _ in range(share):
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return True
            group.append(job)
        return False

    def _run(self, group: deque[_Job]) -> None:
        """Run what can be run on one snapshot, at least one reading."""
        sought = [one for job in group if job.is_foreseen for one in foreseen(job.work)]
        can_be_had, in_vain = False, False
        try:
            with self._open(sought) as snapshot:
                try:
                    while group and snapshot.is_sound:
                        _run_first(group, snapshot.session)
                finally:
                    can_be_had = not snapshot.is_refused
                    in_vain = snapshot.has_looked_in_vain
        except BaseException as error:  # noqa: BLE001  a dead thread would hang its callers
            if not group:  # all have their answers, and what could not be ended is not used again
                return
            if not self._is_to_run_again(group, error, in_vain=in_vain):
                # Where no snapshot can be had, nobody is kept waiting for another in vain.
                for failed in [group.popleft() for _ in range(1 if can_be_had else len(group))]:
                    failed.promise.set_exception(error)

    def _is_to_run_again(self, group: deque[_Job], error: BaseException, *, in_vain: bool) -> bool:
        """Tell whether the first of a group, which failed, has another chance.

        Args:
            group: the readings.
            error: what it failed with.
            in_vain: whether that was where others' secrets were looked for with its own.
        """
        job = group[0]
        if isinstance(error, Conflict) and not job.is_second_try:
            job.is_second_try = True
            self._lost()
            return True
        if in_vain:
            # It may have been for the sake of another one: from here on each looks for its own.
            for one in group:
                one.is_foreseen = False
            return True
        return False


def _run_first(group: deque[_Job], session: Session) -> None:
    """Run the first of a group, and keep its promise at once: nothing has to become durable.

    Raises:
        StorageUnavailable: the snapshot is gone; the reading still stands first.
    """
    job = group[0]
    try:
        result = job.work(session)
    except StorageUnavailable:
        raise
    except BaseException as error:  # noqa: BLE001  belongs to whoever holds the future
        group.popleft().promise.set_exception(error)
    else:
        group.popleft().promise.set_result(result)
