"""Who holds which role, in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from adapters.sql.access_tables import bindings
from adapters.sql.statements import Statement
from domain.ports.bindings import Bindings

_ROLES = Statement(
    select(bindings.c.role)
    .where(bindings.c.principal == bindparam("of_principal"))
    .order_by(bindings.c.role)
)
_HOLDERS = (
    select(bindings.c.principal)
    .where(bindings.c.role == bindparam("of_role"))
    .order_by(bindings.c.principal)
)
_UNBIND = delete(bindings).where(bindings.c.principal == bindparam("of_principal"))
_BIND = insert(bindings)


class SqlBindings(Bindings):
    """Keeps the table `bindings`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._roles = _ROLES.on(connection)

    def roles_of(self, principal: str) -> Sequence[str]:
        """Return the roles that a principal is bound to, ordered by name."""
        return [role for (role,) in self._roles.all({"of_principal": principal})]

    def holders(self, role: str) -> Sequence[str]:
        """Return the principals that are bound to a role, ordered by name."""
        return self._connection.execute(_HOLDERS, {"of_role": role}).scalars().all()

    def bind(self, principal: str, roles: Sequence[str]) -> None:
        """Bind a principal that is there to exactly these roles."""
        self._connection.execute(_UNBIND, {"of_principal": principal})
        rows = [{"principal": principal, "role": role} for role in sorted(set(roles))]
        if rows:
            self._connection.execute(_BIND, rows)
