"""Erasing what is remembered of callers, in memory."""

from collections.abc import Sequence
from datetime import date
from itertools import islice

from adapters.memory.tables import Tables
from domain.ports.outlived_habits import FirstRead, OutlivedHabits


class MemoryOutlivedHabits(OutlivedHabits):
    """Goes through everything."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, *, before: date, limit: int) -> Sequence[FirstRead]:
        """Return up to `limit` first readings that are of no use."""
        uids = {secret.uid for secret in self._tables.secrets.values()}
        away = self._away(before)
        outlived = (
            (principal, uid)
            for principal, uid in sorted(self._tables.first_reads)
            if principal in away or uid not in uids
        )
        return list(islice(outlived, limit))

    def forget(self, outlived: Sequence[FirstRead], *, before: date) -> None:
        """Erase first readings, and the habits of callers who read nothing since a day."""
        for key in outlived:
            self._tables.first_reads.drop(key)
        reading = {principal for principal, _ in self._tables.first_reads}
        for principal in self._away(before) - reading:
            self._tables.habits.drop(principal)

    def _away(self, before: date) -> set[str]:
        """Return who read nothing since a day."""
        habits = self._tables.habits.values()
        return {habit.principal for habit in habits if habit.last_day < before.toordinal()}
