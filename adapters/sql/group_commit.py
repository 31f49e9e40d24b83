"""One writer for all: what waits is run together and made durable by one commit.

Two threads take part, and only one of them at a time has the turn. What an event loop's own
callers ask for runs on that loop (`adapters/sql/loop_groups.py`), and all else on the writer's
thread. Every commit is on the writer's thread, because a disk may be slow, and nobody but those
who wait for it may notice.
"""

import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from adapters.sql import jobs
from adapters.sql.jobs import MAX_GROUP, Job, Transaction
from adapters.sql.loop_groups import LoopGroups
from domain.errors import StorageUnavailable
from domain.ports.storage import Session
from domain.ports.store_meter import StoreMeter

T = TypeVar("T")

MAX_WAITING = 20_000
"""Works that may wait; beyond that a caller is better told to come back."""

ATTEMPTS = 5
"""How often a group is run when each time it was undone for a reason that passes."""

REST = 0.02
"""How long to wait before the second attempt, at most, in seconds; twice as long each time."""


class Conflict(StorageUnavailable):
    """The transaction was undone for a reason that may be gone when it is run again."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A group that has run on a loop and waits for its commit; `done` is told when that is over."""

    group: Sequence[Job]
    done: Callable[[Sequence[Job]], None]


class GroupCommitWriter:
    """Runs works in the order in which they came, many to a commit.

    A promise is kept only after the commit that holds its work.
    """

    def __init__(
        self,
        connect: Callable[[], Transaction],
        *,
        on_loop: bool = False,
        meter: StoreMeter | None = None,
    ) -> None:
        """Start the thread.

        Args:
            connect: opens the connection, when it is needed first.
            on_loop: run works on the event loop that asks for them; only for a database in this
                process, whose statements nobody has to wait for.
            meter: is told of every commit, before anybody is answered.
        """
        self._meter = meter
        self._queue: queue.SimpleQueue[Job | _Ready | None] = queue.SimpleQueue()
        self._connect = connect
        self._transaction: Transaction | None = None
        self._turn = threading.Lock()
        self._closing = threading.Lock()
        self._closed = False
        self._on_loop = on_loop
        self._groups = LoopGroups(self)
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Return how many works wait for their turn."""
        return self._queue.qsize() + len(self._groups)

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Queue a work."""
        job = Job(work)
        with self._closing:
            if self._closed:
                job.promise.set_exception(StorageUnavailable("the store is closed"))
            elif self.waiting >= MAX_WAITING:
                job.promise.set_exception(StorageUnavailable("too many writes wait, try again"))
            elif not (self._on_loop and self._groups.take(job)):
                self._queue.put(job)
        return job.promise

    def close(self) -> None:
        """Run what was queued, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self.hand_over(self._groups.drain())
                self._queue.put(None)
        self._thread.join()

    # What follows is for the groups of a loop.

    def try_turn(self) -> bool:
        """Take the turn, unless the other thread has it."""
        return self._turn.acquire(blocking=False)

    def end_turn(self, left: Sequence[Job] = ()) -> None:
        """Give the turn back without a commit, and leave jobs to the thread."""
        self.hand_over(left)
        self._turn.release()
        self._queue.put(_Ready((), _nobody))  # the thread may wait for it

    def transaction(self) -> Transaction:
        """Return the connection, to whoever has the turn."""
        if self._transaction is None:
            self._transaction = self._connect()
        return self._transaction

    def fail(self, group: Sequence[Job], error: BaseException) -> None:
        """Have a group end with an error, and the next get a connection without a past."""
        jobs.fail(group, error)
        self.drop()
        if self._meter is not None:
            self._meter.not_committed(works=len(group))

    def drop(self) -> None:
        """Close the connection."""
        if self._transaction is not None:
            with contextlib.suppress(Exception):
                self._transaction.close()
            self._transaction = None

    def commit(self, group: Sequence[Job], done: Callable[[Sequence[Job]], None]) -> None:
        """Have a group committed that has run, and the turn ended with that."""
        self._queue.put(_Ready(group, done))

    def hand_over(self, group: Sequence[Job]) -> None:
        """Leave jobs to the thread."""
        for job in group:
            self._queue.put(job)

    # And this runs on the thread.

    def _serve(self) -> None:
        """Run groups and commits until told to stop."""
        waiting: list[Job] = []
        stopping = False
        while not (stopping and not waiting and self._is_over()):
            for item in self._next():
                if isinstance(item, _Ready):
                    self._finish(item)
                elif item is None:
                    stopping = True
                else:
                    waiting.append(item)
            # While a loop has the turn there is nothing to do: its commit comes through the queue.
            while waiting and self._turn.acquire(blocking=False):
                group, waiting = waiting[:MAX_GROUP], waiting[MAX_GROUP:]
                self._run(group)
                self._turn.release()
                self._groups.wake()
                for job in group:
                    job.settle()
        self.drop()

    def _is_over(self) -> bool:
        """Tell whether nobody can give the thread anything any more, and keep the turn then."""
        if not self._turn.acquire(blocking=False):
            return False
        if self._queue.empty():
            return True
        self._turn.release()
        return False

    def _next(self) -> list[Job | _Ready | None]:
        """Wait for one thing to do and take along what waits behind it."""
        items = [self._queue.get()]
        with contextlib.suppress(queue.Empty):
            while len(items) < MAX_GROUP and items[-1] is not None:
                items.append(self._queue.get_nowait())
        return items

    def _run(self, group: Sequence[Job]) -> None:
        """Run jobs from their beginning to their commit, again for a reason that passes."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                transaction = self.transaction()
                jobs.run(transaction, transaction.begin(patient=True), group)
                self._commit(group)
            except BaseException as error:  # noqa: BLE001  a dead writer would hang every caller
                if isinstance(error, Conflict) and attempt < ATTEMPTS:
                    self.drop()
                    time.sleep(random.uniform(0, REST * 2**attempt))  # noqa: S311  no secret
                    continue
                self.fail(group, error)
            break

    def _finish(self, ready: _Ready) -> None:
        """Commit what ran on a loop."""
        if not ready.group:
            return
        try:
            self._commit(ready.group)
        except BaseException as error:  # noqa: BLE001  the same
            self.fail(ready.group, error)
        self._turn.release()
        ready.done(ready.group)

    def _commit(self, group: Sequence[Job]) -> None:
        """Make a group durable, and tell how long that took."""
        began = time.perf_counter()
        jobs.commit(self.transaction())
        if self._meter is not None:
            self._meter.committed(works=len(group), seconds=time.perf_counter() - began)


def _nobody(_group: Sequence[Job]) -> None:
    """Tell nobody."""
