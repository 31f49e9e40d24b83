"""Roles in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.access.role import Role
from domain.ports.role_repository import RoleRepository


class MemoryRoleRepository(RoleRepository):
    """Keeps roles by name."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, name: str) -> Role | None:
        """Return the role of this name, or `None`."""
        return self._tables.roles.get(name)

    def all(self) -> Sequence[Role]:
        """Return every role, ordered by name."""
        return [self._tables.roles[name] for name in sorted(self._tables.roles)]

    def put(self, role: Role) -> None:
        """Keep a role, in the place of the one of its name if there is one."""
        self._tables.roles.put(role.name, role)

    def remove(self, name: str) -> None:
        """Erase a role, if it is there."""
        if name in self._tables.roles:
            self._tables.roles.drop(name)
