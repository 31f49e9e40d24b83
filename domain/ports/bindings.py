"""Who holds which role."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class Bindings(ABC):
    """Keeps names of roles by principal. Whether there is such a role is not its business."""

    @abstractmethod
    def roles_of(self, principal: str) -> Sequence[str]:
        """Return the roles that a principal is bound to, ordered by name."""

    @abstractmethod
    def holders(self, role: str) -> Sequence[str]:
        """Return the principals that are bound to a role, ordered by name."""

    @abstractmethod
    def bind(self, principal: str, roles: Sequence[str]) -> None:
        """Bind a principal that is there to exactly these roles."""
