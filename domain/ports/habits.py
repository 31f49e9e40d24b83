"""What the rules remember of callers, folded from the audit log."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime

from domain.alerts.habit import Habit

ANYBODY = ""
"""Stands for all callers together."""


class Habits(ABC):
    """Remembers when callers read, and which secrets."""

    @abstractmethod
    def of(self, principal: str) -> Habit | None:
        """Return the habit of a caller, or `None`."""

    @abstractmethod
    def keep(self, habit: Habit) -> None:
        """Keep a habit."""

    @abstractmethod
    def first_reads(
        self, principals: Collection[str], uids: Collection[bytes]
    ) -> Mapping[tuple[str, bytes], datetime]:
        """Return when these callers read these secrets for the first time, those that did."""

    @abstractmethod
    def note_reads(self, reads: Mapping[tuple[str, bytes], datetime]) -> None:
        """Remember first times, by caller and secret. There must be none yet."""


class Windows(ABC):
    """Counts what happens within minutes."""

    @abstractmethod
    def add(self, rule: str, key: str, *, minute: int, count: int) -> None:
        """Count something that happened in a minute."""

    @abstractmethod
    def total(self, rule: str, key: str, *, since: int, until: int) -> int:
        """Return the count of the minutes from `since` up to, and with, `until`."""

    @abstractmethod
    def forget(self, *, before: int) -> None:
        """Erase what was counted in minutes before one."""
