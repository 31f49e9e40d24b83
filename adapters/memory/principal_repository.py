"""Principals in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.access.principal import Principal
from domain.errors import AlreadyThere
from domain.ports.principal_repository import PrincipalRepository


class MemoryPrincipalRepository(PrincipalRepository):
    """Keeps principals by name."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def find(self, name: str) -> Principal | None:
        """Return the principal of this name, or `None`."""
        return self._tables.principals.get(name)

    def page(self, *, after: str, limit: int) -> Sequence[Principal]:
        """Return up to `limit` principals with names above `after`, ordered by code points."""
        names = sorted(name for name in self._tables.principals if name > after)
        return [self._tables.principals[name] for name in names[:limit]]

    def add(self, principal: Principal) -> None:
        """Keep a new principal.

        Raises:
            AlreadyThere: there is one of this name.
        """
        if principal.name in self._tables.principals:
            raise AlreadyThere("principal")
        self._tables.principals.put(principal.name, principal)

    def remove(self, name: str) -> None:
        """Erase a principal, its tokens and its bindings, if it is there."""
        tables = self._tables
        if name not in tables.principals:
            return
        for number in [number for number, row in tables.tokens.items() if row.principal == name]:
            tables.tokens.drop(number)
        if name in tables.bindings:
            tables.bindings.drop(name)
        tables.principals.drop(name)
