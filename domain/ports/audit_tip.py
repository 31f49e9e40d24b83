"""What vouches for the tip of the audit log."""

from abc import ABC, abstractmethod

from domain.audit.merkle import TreeState
from domain.audit.tip import TipTag


class AuditTip(ABC):
    """Keeps the tag of the tip. Whoever appends to the log writes a new one, once for a commit."""

    @abstractmethod
    def tag(self) -> TipTag | None:
        """Return the tag; `None` before there was the first one. One that is damaged fits no tip.

        Raises:
            Broken: what is stored is the state of no tree.
        """

    @abstractmethod
    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands, before anything is appended in this unit of work.

        Whoever does so says that the tip is right, whoever wrote it.
        """

    @abstractmethod
    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write a tip anew, where what is stored is the state of no tree."""
