"""What the rules remember, in memory."""

from datetime import datetime

from adapters.memory.tables import Tables
from domain.alerts.habit import Habit
from domain.ports.habits import Habits, Windows


class MemoryHabits(Habits):
    """Keeps habits by caller, and first readings by caller and secret."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def of(self, principal: str) -> Habit | None:
        """Return the habit of a caller, or `None`."""
        return self._tables.habits.get(principal)

    def keep(self, habit: Habit) -> None:
        """Keep a habit."""
        self._tables.habits.put(habit.principal, habit)

    def first_read(self, principal: str, uid: bytes) -> datetime | None:
        """Return when a caller read a secret for the first time, or `None`."""
        return self._tables.first_reads.get((principal, uid))

    def note_read(self, principal: str, uid: bytes, at: datetime) -> None:
        """Remember a first time. There must be none yet."""
        self._tables.first_reads.put((principal, uid), at)


class MemoryWindows(Windows):
    """Keeps counts by rule, key and minute."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def add(self, rule: str, key: str, *, minute: int, count: int) -> None:
        """Count something that happened in a minute."""
        place = (rule, key, minute)
        self._tables.alert_windows.put(place, self._tables.alert_windows.get(place, 0) + count)

    def total(self, rule: str, key: str, *, since: int, until: int) -> int:
        """Return the count of the minutes from `since` up to, and with, `until`."""
        return sum(
            count
            for (of_rule, of_key, minute), count in self._tables.alert_windows.items()
            if (of_rule, of_key) == (rule, key) and since <= minute <= until
        )

    def forget(self, *, before: int) -> None:
        """Erase what was counted in minutes before one."""
        for place in [place for place in self._tables.alert_windows if place[2] < before]:
            self._tables.alert_windows.drop(place)
