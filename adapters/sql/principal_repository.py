"""Principals in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from adapters.sql.access_tables import principals
from domain.access.principal import Principal, PrincipalKind
from domain.errors import AlreadyThere
from domain.ports.principal_repository import PrincipalRepository

_FIND = select(principals).where(principals.c.name == bindparam("of_name"))
_PAGE = (
    select(principals)
    .where(principals.c.name > bindparam("after"))
    .order_by(principals.c.name)
    .limit(bindparam("most"))
)
_INSERT = insert(principals)
_DELETE = delete(principals).where(principals.c.name == bindparam("of_name"))


class SqlPrincipalRepository(PrincipalRepository):
    """Keeps the table `principals`; what refers to a row goes with it."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, name: str) -> Principal | None:
        """Return the principal of this name, or `None`."""
        row = self._connection.execute(_FIND, {"of_name": name}).one_or_none()
        return None if row is None else _to_principal(row)

    def page(self, *, after: str, limit: int) -> Sequence[Principal]:
        """Return up to `limit` principals with names above `after`, ordered by code points."""
        rows = self._connection.execute(_PAGE, {"after": after, "most": limit})
        return [_to_principal(row) for row in rows]

    def add(self, principal: Principal) -> None:
        """Keep a new principal.

        Raises:
            AlreadyThere: there is one of this name.
        """
        row = {
            "name": principal.name,
            "kind": principal.kind.value,
            "created_at": principal.created_at,
        }
        try:
            self._connection.execute(_INSERT, row)
        except IntegrityError as error:
            raise AlreadyThere("principal") from error

    def remove(self, name: str) -> None:
        """Erase a principal, its tokens and its bindings, if it is there."""
        self._connection.execute(_DELETE, {"of_name": name})


def _to_principal(row: Row[*tuple[Any, ...]]) -> Principal:
    """Read a principal out of its row."""
    return Principal(name=row.name, kind=PrincipalKind(row.kind), created_at=row.created_at)
