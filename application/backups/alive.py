"""Keeping a turn for as long as the work goes on."""

from datetime import datetime, timedelta

from application.turn import Turns
from domain.ports.clock import Clock
from domain.ports.storage import Storage

TASK = "backup"
"""The name of the lease: one backup of a store at a time, whoever asked for it."""

LEASE = timedelta(minutes=3)
"""After this time without a sign of life another process may begin one."""

OFTEN = timedelta(seconds=20)


class Alive:
    """Keeps the lease now and then, however often it is called."""

    def __init__(self, *, storage: Storage, clock: Clock, turns: Turns) -> None:
        """Begin with a lease that was just taken."""
        self._storage = storage
        self._clock = clock
        self._turns = turns
        self._kept: datetime = clock.now()

    def __call__(self) -> None:
        """Give a sign of life."""
        now = self._clock.now()
        if now - self._kept >= OFTEN:
            self._storage.write(lambda session: self._turns.keep(TASK, LEASE, session)).result()
            self._kept = now
