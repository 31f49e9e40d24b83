"""Leases in memory."""

from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.leases import Leases


class MemoryLeases(Leases):
    """Keeps the holder and the end of its time by task."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def take(self, task: str, *, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep the task; tell whether it is the holder's now."""
        held = self._tables.leases.get(task)
        if held is not None and held[0] != holder and now < held[1] <= until + (until - now):
            return False
        self._tables.leases.put(task, (holder, until))
        return True

    def until(self, task: str) -> datetime | None:
        """Return when the time of the task's holder runs out or ran out, or `None` without one."""
        held = self._tables.leases.get(task)
        return None if held is None else held[1]

    def release(self, task: str, *, holder: str) -> None:
        """Give the task back before its time, if the holder has it."""
        held = self._tables.leases.get(task)
        if held is not None and held[0] == holder:
            self._tables.leases.drop(task)
