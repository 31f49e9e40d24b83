"""Who holds which role, in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.ports.bindings import Bindings


class MemoryBindings(Bindings):
    """Keeps the roles by principal."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def roles_of(self, principal: str) -> Sequence[str]:
        """Return the roles that a principal is bound to, ordered by name."""
        return self._tables.bindings.get(principal, ())

    def holders(self, role: str) -> Sequence[str]:
        """Return the principals that are bound to a role, ordered by name."""
        return sorted(name for name, roles in self._tables.bindings.items() if role in roles)

    def bind(self, principal: str, roles: Sequence[str]) -> None:
        """Bind a principal that is there to exactly these roles."""
        self._tables.bindings.put(principal, tuple(sorted(set(roles))))
