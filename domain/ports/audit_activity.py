"""The audit log as those see it who follow it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from domain.access.action import Action
from domain.audit.event import AuditEntry


class AuditActivity(ABC):
    """Looks at a stretch of the log. What is in no form of an entry is passed over."""

    @abstractmethod
    def size(self) -> int:
        """Return the number of the last entry, erased or not; 0 without one."""

    @abstractmethod
    def done(self, actions: Collection[Action], *, after: int, upto: int) -> Sequence[AuditEntry]:
        """Return the entries of actions that were done, in order."""
