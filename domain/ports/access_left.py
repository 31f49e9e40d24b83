"""Where it is kept what erased entries have left of access."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.audit.left_behind import LeftBehind


class AccessLeft(ABC):
    """One row for a thing. It is believed only as far as the entry of the last erasure says so."""

    @abstractmethod
    def all(self) -> Sequence[LeftBehind]:
        """Return everything, ordered by the thing."""

    @abstractmethod
    def put(self, left: LeftBehind) -> None:
        """Keep what is left of a thing, in the place of what was known of it."""

    @abstractmethod
    def drop(self, thing: str) -> None:
        """Forget a thing; one that is not known is passed over."""
