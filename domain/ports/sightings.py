"""The audit log as those see it who follow it: what was done, and how often."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from domain.access.action import Action
from domain.alerts.sighting import Sighting
from domain.audit.event import AuditEntry


class Sightings(ABC):
    """Looks at a stretch of the log. What is in no form of an entry is passed over."""

    @abstractmethod
    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""

    @abstractmethod
    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""

    @abstractmethod
    def counted(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return everything, counted by minute, caller, address, action and outcome.

        It is ordered by the first number, and names no secret: a busy minute is a few rows.
        """

    @abstractmethod
    def first_readings(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return readings by callers of secrets that the habits do not know them to have read.

        They are counted by secret besides, and ordered by the first number.
        """

    @abstractmethod
    def touching_decoys(self, *, after: int, upto: int) -> Sequence[Sighting]:
        """Return what was done about decoys, counted by secret besides, in the same order."""
