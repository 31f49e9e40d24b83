"""Work that one process at a time does, while any number of them serve."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

Stopping = Callable[[], bool]
"""Tells work whether the process stops, so that it ends soon."""


class Turns:
    """Takes, keeps and gives back the leases of this process.

    A lease saves work done twice; it is no lock. Whoever works must bear that a second one does,
    when this process was stopped for longer than the lease lasts.
    """

    def __init__(self, *, storage: Storage, clock: Clock, holder: str) -> None:
        """Take where the leases are; `holder` tells this process from all others."""
        self._storage = storage
        self._clock = clock
        self._holder = holder

    @contextmanager
    def taken(self, task: str, length: timedelta) -> Iterator[bool]:
        """Take a task, tell whether it is ours now, and give it back at the end.

        When this process dies, another one can take the task after `length`.

        Raises:
            StorageUnavailable: the store is not available.
        """
        if not self._storage.write(partial(self.keep, task, length)).result():
            yield False
            return
        try:
            yield True
        finally:
            self._storage.write(partial(self.give_back, task)).result()

    def keep(self, task: str, length: timedelta, session: Session) -> bool:
        """Take a task, or have it for `length` from now on; tell whether it is ours."""
        now = self._clock.now()
        return session.leases.take(task, holder=self._holder, now=now, until=now + length)

    def give_back(self, task: str, session: Session) -> None:
        """Give a task back before its time, if it is ours."""
        session.leases.release(task, holder=self._holder)
