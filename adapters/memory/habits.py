"""What the rules remember, in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import product

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

    def first_reads(
        self, principals: Collection[str], uids: Collection[bytes]
    ) -> Mapping[tuple[str, bytes], datetime]:
        """Return when these callers read these secrets for the first time, those that did."""
        first = self._tables.first_reads
        found = {key: first.get(key) for key in product(principals, uids)}
        return {key: at for key, at in found.items() if at is not None}

    def note_reads(self, reads: Mapping[tuple[str, bytes], datetime]) -> None:
        """Remember first times, by caller and secret. There must be none yet."""
        for key, at in reads.items():
            self._tables.first_reads.put(key, at)


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
