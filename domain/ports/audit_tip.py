"""What vouches for the tip of the audit log."""

from abc import ABC, abstractmethod

from domain.audit.tip import TipTag


class AuditTip(ABC):
    """Keeps the tag of the tip. Whoever appends to the log writes a new one, once for a commit."""

    @abstractmethod
    def tag(self) -> TipTag | None:
        """Return the tag; `None` before there was the first one.

        Raises:
            Broken: what is stored is no tag.
        """

    @abstractmethod
    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands, before anything is appended in this unit of work.

        Whoever does so says that the tip is right, whoever wrote it.
        """
