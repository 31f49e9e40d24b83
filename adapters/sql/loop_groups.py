"""Works that an event loop's own callers ask for: they run on that loop, a tick's worth together.

To hand each of them to another thread would cost more than the work itself: the interpreter lock
would change hands at every statement. Only the commit goes to the writer's thread, once for all.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from typing import TYPE_CHECKING

from adapters.sql import jobs
from adapters.sql.jobs import MAX_GROUP, Job, Taken

if TYPE_CHECKING:
    from adapters.sql.group_commit import GroupCommitWriter


class LoopGroups:
    """The jobs of one event loop at a time: those that wait, and the group that is under way.

    Works of many callers run together, and so in a context that is none of theirs.
    """

    def __init__(self, writer: "GroupCommitWriter") -> None:
        """Work for a writer."""
        self._writer = writer
        self._loop: asyncio.AbstractEventLoop | None = None
        # Taken from by both threads: by the other one when the store is closed.
        self._waiting: deque[Job] = deque()
        self._scheduled = False
        self._busy = False

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def take(self, job: Job) -> bool:
        """Take a job, or leave it to the writer's thread when it does not come from our loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        if loop is not self._loop and not self._adopt(loop):
            return False
        self._waiting.append(job)
        if not self._scheduled:
            self._scheduled = True
            # Behind everything that is ready now, so that all of it shares one commit.
            loop.call_soon(self._run, context=Context())
        return True

    def drain(self) -> Sequence[Job]:
        """Give away what waits."""
        return self._next(len(self._waiting))

    def wake(self) -> None:
        """Have the loop look whether it is its turn; called on the other thread."""
        if self._waiting and self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._run, context=Context())
            except RuntimeError:  # the loop has been closed, and nobody waits there any more
                self._writer.hand_over(self.drain())

    def _next(self, most: int = MAX_GROUP) -> list[Job]:
        """Take the first of those that wait."""
        group: list[Job] = []
        with contextlib.suppress(IndexError):
            while len(group) < most:
                group.append(self._waiting.popleft())
        return group

    def _adopt(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Work on another loop from now on, if nothing is left of the one before."""
        if self._loop is not None and not self._loop.is_closed() and (self._waiting or self._busy):
            return False
        self._writer.hand_over(self.drain())
        self._loop, self._scheduled = loop, False
        return True

    def _run(self) -> None:
        """Run a group up to its commit, if it is our turn; whoever has the turn wakes us after."""
        self._scheduled = False
        if not self._waiting or not self._writer.try_turn():
            return
        group = self._next()
        if not group:  # the store was closed this very moment
            self._writer.end_turn()
            return
        try:
            transaction = self._writer.transaction()
            jobs.run(transaction, transaction.begin(patient=False), group)
        except Taken:
            # To wait for another process is for the thread, which may.
            self._writer.end_turn(left=group)
        except BaseException as error:  # noqa: BLE001  belongs to those who wait
            self._writer.fail(group, error)
            self._writer.end_turn()
            self._settle(group)
        else:
            self._busy = True
            self._writer.commit(group, self._committed)

    def _committed(self, group: Sequence[Job]) -> None:
        """Have the promises kept on the loop, with one wake-up; called on the other thread."""
        self._busy = False
        try:
            assert self._loop is not None  # noqa: S101  the group came from one
            self._loop.call_soon_threadsafe(self._settle, group, context=Context())
        except RuntimeError:  # the loop has been closed
            for job in group:
                job.settle()

    def _settle(self, group: Sequence[Job]) -> None:
        """Keep the promises of a group, and go on with the next."""
        for job in group:
            job.settle()
        self._run()
