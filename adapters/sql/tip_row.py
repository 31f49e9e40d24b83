"""The one row that has the state of the audit tree, and vouches for it: the tip of the log."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, type_coerce, update
from sqlalchemy.types import NullType

from adapters.sql.audit_tables import audit_tree
from adapters.sql.prepared import Prepared
from adapters.sql.statements import Statement
from domain.audit.merkle import HASH_BYTES, TreeState
from domain.audit.tip import TipTag
from domain.errors import Broken, StorageUnavailable

_columns = audit_tree.c
# As it lies there: SQLite lets a column hold something of another type.
_state_of = select(
    *(
        type_coerce(column, NullType)
        for column in (_columns.size, _columns.peaks, _columns.key_id, _columns.mac)
    )
).where(_columns.id == 1)
_AS_IT_IS = Statement(_state_of)
_TO_WRITE = Statement(_state_of.with_for_update())
_KEEP = Statement(
    update(audit_tree)
    .where(_columns.id == 1)
    .values(
        size=bindparam("to_size"),
        peaks=bindparam("to_peaks"),
        key_id=bindparam("to_key"),
        mac=bindparam("to_mac"),
    )
)
_REMOVE = delete(audit_tree).where(_columns.id == 1)
_ADD = insert(audit_tree).inline()

UNFIT = (
    "the audit log does not fit its tree, so nothing can be added to it; run"
    " 'strongroom audit verify'"
)
_MISSING = (
    "the state of the audit tree is missing; run 'strongroom audit verify', and see docs/audit.md"
    " before you restore a backup or adopt the log as it is"
)
_DAMAGED = (
    "the state of the audit tree is damaged; run 'strongroom audit verify', and see docs/audit.md"
    " before you restore a backup or adopt the log as it is"
)
_NO_TAG = TipTag(key_id="", mac=b"")
"""Stands for a tag that is none. It fits no tip: no data key has such an id."""


@dataclass(frozen=True, slots=True)
class Tip:
    """What the one row holds."""

    tree: TreeState
    tag: TipTag | None


class TipRow:
    """Reads and writes it, in whatever transaction the connection is in."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection."""
        self._connection = connection
        self._as_it_is = _AS_IT_IS.on(connection)
        self._to_write = _TO_WRITE.on(connection)
        self._keep = _KEEP.on(connection)

    def read(self) -> Tip:
        """Return what it holds.

        Raises:
            Broken: it is missing, or the state of no tree.
        """
        return _tip(self._as_it_is)

    def lock(self) -> Tip:
        """Return what it holds, and let nobody else write it until the transaction ends.

        Raises:
            Broken: it is missing, or the state of no tree.
        """
        return _tip(self._to_write)

    def write(self, tip: Tip) -> None:
        """Write it.

        Raises:
            StorageUnavailable: there is none.
        """
        tree, tag = tip.tree, tip.tag
        kept = self._keep.put_one(
            {
                "to_size": tree.size,
                "to_peaks": b"".join(tree.peaks),
                "to_key": None if tag is None else tag.key_id,
                "to_mac": None if tag is None else tag.mac,
            }
        )
        if not kept:
            raise StorageUnavailable(UNFIT)

    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write it anew, whatever is there."""
        self._connection.execute(_REMOVE)
        self._connection.execute(
            _ADD,
            {
                "id": 1,
                "size": tree.size,
                "peaks": b"".join(tree.peaks),
                "key_id": tag.key_id,
                "mac": tag.mac,
            },
        )


def _tip(statement: Prepared) -> Tip:
    """Read the one row."""
    row = statement.one({})
    if row is None:
        raise Broken(_MISSING)
    size, peaks, key_id, mac = row
    if not isinstance(size, int) or not isinstance(peaks, bytes):
        raise Broken(_DAMAGED)
    starts = range(0, len(peaks), HASH_BYTES)
    try:
        tree = TreeState(size=size, peaks=tuple(peaks[at : at + HASH_BYTES] for at in starts))
    except Broken as error:
        raise Broken(_DAMAGED) from error
    if key_id is None and mac is None:
        return Tip(tree, None)
    if not isinstance(key_id, str) or not isinstance(mac, bytes):
        return Tip(tree, _NO_TAG)
    return Tip(tree, TipTag(key_id=key_id, mac=mac))
