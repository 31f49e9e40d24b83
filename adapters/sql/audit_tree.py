"""The tree over the audit log, in SQL."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Connection, bindparam, select, union_all

from adapters.sql.audit_growth import Growth
from adapters.sql.audit_tables import audit_entries, audit_erased, audit_subtrees
from domain.audit.merkle import TreeState
from domain.ports.audit_tree import AuditTree

_FIRST: BindParameter[int] = bindparam("first")
_LAST: BindParameter[int] = bindparam("last")
_LEAVES = union_all(
    *(
        select(table.c.id, table.c.leaf).where(table.c.id.between(_FIRST, _LAST))
        for table in (audit_entries, audit_erased)
    )
).order_by("id")
_SUBTREES = (
    select(audit_subtrees.c.position, audit_subtrees.c.hash)
    .where(
        audit_subtrees.c.height == bindparam("height"),
        audit_subtrees.c.position.between(_FIRST, _LAST),
    )
    .order_by(audit_subtrees.c.position)
)


class SqlAuditTree(AuditTree):
    """Reads what the log's growth has written."""

    def __init__(self, connection: Connection, growth: Growth) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._growth = growth

    def state(self) -> TreeState:
        """Return the size and the peaks."""
        return self._growth.state()

    def hashes(self, height: int, *, start: int, count: int) -> Sequence[bytes]:
        """Return hashes of complete subtrees of 2^height leaves, from the one at `start`."""
        self._growth.write()
        last = start + count - 1
        if height == 0:
            rows = self._connection.execute(_LEAVES, {"first": start + 1, "last": last + 1})
        else:
            rows = self._connection.execute(
                _SUBTREES, {"height": height, "first": start, "last": last}
            )
        return [found for _, found in rows]
