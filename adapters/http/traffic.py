"""What counts requests."""

from abc import ABC, abstractmethod

from domain.errors import Cause


class Traffic(ABC):
    """Counts requests, for whoever watches the service. No method raises, or takes long."""

    @abstractmethod
    def answered(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            route: the template of its address; `None` where no route fits.
            method: its verb, as it was sent.
            status: that of the answer.
            seconds: from its head to the end of the answer.
        """

    @abstractmethod
    def unauthenticated(self, cause: Cause) -> None:
        """Count a request of somebody who is not known."""

    @abstractmethod
    def limited(self, limit: str) -> None:
        """Count a request that reached the limit of this name."""


class Unwatched(Traffic):
    """Counts nothing."""

    def answered(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Pass over a request."""

    def unauthenticated(self, cause: Cause) -> None:
        """Pass over a request of somebody who is not known."""

    def limited(self, limit: str) -> None:
        """Pass over a request that reached a limit."""
