"""Looking after the roles that are not built in."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.access.role import Role


class RoleRepository(ABC):
    """Keeps roles by name."""

    @abstractmethod
    def find(self, name: str) -> Role | None:
        """Return the role of this name, or `None`.

        Raises:
            UnknownFormat: it is kept in no form that this version knows.
        """

    @abstractmethod
    def all(self) -> Sequence[Role]:
        """Return every role, ordered by name.

        Raises:
            UnknownFormat: one is kept in no form that this version knows.
        """

    @abstractmethod
    def put(self, role: Role) -> None:
        """Keep a role, in the place of the one of its name if there is one."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Erase a role, if it is there."""
