"""One writer for all: what waits is run together and made durable by one commit."""

import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from domain.errors import StorageUnavailable
from domain.ports.storage import Session

T = TypeVar("T")

MAX_GROUP = 256
"""Works in one commit; more would make the first ones wait too long."""

MAX_WAITING = 20_000
"""Works that may wait; beyond that a caller is better told to come back."""


ATTEMPTS = 5
"""How often a group is run when each time it was undone for a reason that passes."""

REST = 0.02
"""How long to wait before the second attempt, at most, in seconds; twice as long each time."""


class Conflict(StorageUnavailable):
    """The transaction was undone for a reason that may be gone when it is run again."""


class Transaction(Protocol):
    """The one connection that writes."""

    def begin(self) -> Session:
        """Open the transaction, waiting for other processes."""

    def attempt(self, work: Callable[[], T]) -> T:
        """Run one work; undo it alone when it raises."""

    def commit(self) -> None:
        """Make everything durable."""

    def rollback(self) -> None:
        """Undo everything."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(slots=True)
class _Job:
    """A work, the promise made for it, and how it went, until the commit decides."""

    work: Callable[[Session], Any]
    promise: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Keep the promise."""
        if self.error is not None:
            self.promise.set_exception(self.error)
        else:
            self.promise.set_result(self.result)


class GroupCommitWriter:
    """Runs works on a thread of its own, in the order they came, many to a commit.

    A promise is kept only after the commit that holds its work.
    """

    def __init__(self, connect: Callable[[], Transaction]) -> None:
        """Start the thread; `connect` is called on it, because connections belong to threads."""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._connect = connect
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue a work."""
        job = _Job(work)
        # From here on it cannot be cancelled: keeping a cancelled promise raises, and that would
        # end the writer's thread and hang everybody after it.
        job.promise.set_running_or_notify_cancel()
        with self._closing:
            if self._closed:
                job.promise.set_exception(StorageUnavailable("the store is closed"))
            elif self._jobs.qsize() >= MAX_WAITING:
                job.promise.set_exception(StorageUnavailable("too many writes wait, try again"))
            else:
                self._jobs.put(job)
        return job.promise

    def close(self) -> None:
        """Run what was queued, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        """Run groups until told to stop."""
        transaction: Transaction | None = None
        while group := self._next_group():
            jobs = [job for job in group if job is not None]
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    transaction = transaction or self._connect()
                    _run(transaction, jobs)
                except BaseException as error:  # noqa: BLE001  a dead writer would hang every caller
                    _drop(transaction)
                    transaction = None
                    if isinstance(error, Conflict) and attempt < ATTEMPTS:
                        time.sleep(random.uniform(0, REST * 2**attempt))  # noqa: S311  no secret
                        continue
                    for job in jobs:
                        job.error = error
                break
            for job in jobs:
                job.settle()
            if None in group:
                break
        if transaction is not None:
            transaction.close()

    def _next_group(self) -> list[_Job | None]:
        """Wait for one job and take along those that wait behind it."""
        group = [self._jobs.get()]
        while len(group) < MAX_GROUP and group[-1] is not None:
            try:
                group.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return group


def _drop(transaction: Transaction | None) -> None:
    """Close a connection on which a group failed: the next group gets one without a past."""
    if transaction is not None:
        with contextlib.suppress(Exception):
            transaction.close()


def _run(transaction: Transaction, jobs: Sequence[_Job]) -> None:
    """Run the jobs in one transaction; raise when none of them is durable."""
    if not jobs:
        return
    session = transaction.begin()
    try:
        for job in jobs:
            job.error = None
            try:
                job.result = transaction.attempt(partial(job.work, session))
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  belongs to this job's caller
                job.error = error
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
