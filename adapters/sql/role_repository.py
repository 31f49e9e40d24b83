"""Roles in SQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.sql.access_tables import roles
from adapters.sql.grants import decode, encode
from adapters.sql.prepared import Columns
from adapters.sql.statements import Statement
from domain.access.role import Role
from domain.ports.role_repository import RoleRepository

_COLUMNS = (roles.c.name, roles.c.description, roles.c.grants)
_ALL = select(*_COLUMNS).order_by(roles.c.name)
_INSERT = insert(roles)
_UPDATE = update(roles).where(roles.c.name == bindparam("of_name"))
_DELETE = delete(roles).where(roles.c.name == bindparam("of_name"))


def _to_role(row: Columns) -> Role:
    """Read a role out of its row."""
    name, description, grants = row
    return Role(name=name, description=description, grants=decode(grants))


_FIND = Statement(select(*_COLUMNS).where(roles.c.name == bindparam("of_name")), read=_to_role)


class SqlRoleRepository(RoleRepository):
    """Keeps the table `roles`. Writers take turns, so looking and writing is one step."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._find = _FIND.on(connection)

    def find(self, name: str) -> Role | None:
        """Return the role of this name, or `None`.

        Raises:
            UnknownFormat: its grants are in no form that this version knows.
        """
        role: Role | None = self._find.read({"of_name": name})
        return role

    def all(self) -> Sequence[Role]:
        """Return every role, ordered by name.

        Raises:
            UnknownFormat: the grants of one are in no form that this version knows.
        """
        return [_to_role(row) for row in self._connection.execute(_ALL)]

    def put(self, role: Role) -> None:
        """Keep a role, in the place of the one of its name if there is one."""
        fields = {"description": role.description, "grants": encode(role.grants)}
        if not self._connection.execute(_UPDATE, {"of_name": role.name, **fields}).rowcount:
            self._connection.execute(_INSERT, {"name": role.name, **fields})

    def remove(self, name: str) -> None:
        """Erase a role, if it is there."""
        self._connection.execute(_DELETE, {"of_name": name})
