"""Looking after principals."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.access.principal import Principal


class PrincipalRepository(ABC):
    """Keeps principals by name."""

    @abstractmethod
    def find(self, name: str) -> Principal | None:
        """Return the principal of this name, or `None`."""

    @abstractmethod
    def page(self, *, after: str, limit: int) -> Sequence[Principal]:
        """Return up to `limit` principals with names above `after`, ordered by code points."""

    @abstractmethod
    def add(self, principal: Principal) -> None:
        """Keep a new principal.

        Raises:
            AlreadyThere: there is one of this name.
        """

    @abstractmethod
    def remove(self, name: str) -> None:
        """Erase a principal, its tokens and its bindings, if it is there."""
