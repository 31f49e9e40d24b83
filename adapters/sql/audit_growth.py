"""Appending to the audit log: entries and tree are written together, once for a whole commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import NullType

from adapters.sql.audit_rows import to_row
from adapters.sql.audit_tables import audit_entries, audit_subtrees, audit_tree
from adapters.sql.committed_tip import CommittedTip
from adapters.sql.prepared import Prepared
from adapters.sql.statements import Statement
from domain.audit.encoding import accept_event, entry_leaf
from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.merkle import HASH_BYTES, Node, TreeState
from domain.audit.tip import TipTag
from domain.errors import Broken, StorageUnavailable
from domain.ports.tip_mac import TipMac, require_vouched, vouched

_columns = audit_tree.c
# As it lies there: SQLite lets a column hold something of another type.
_state_of = select(
    *(
        type_coerce(column, NullType)
        for column in (_columns.size, _columns.peaks, _columns.key_id, _columns.mac)
    )
).where(_columns.id == 1)
_STATE = Statement(_state_of)
_STATE_TO_WRITE = Statement(_state_of.with_for_update())
_KEEP_STATE = Statement(
    update(audit_tree)
    .where(audit_tree.c.id == 1)
    .values(
        size=bindparam("to_size"),
        peaks=bindparam("to_peaks"),
        key_id=bindparam("to_key"),
        mac=bindparam("to_mac"),
    )
)
_REMOVE_STATE = delete(audit_tree).where(audit_tree.c.id == 1)
_ADD_STATE = insert(audit_tree).inline()
_INSERT = Statement(insert(audit_entries).inline())
_INSERT_SUBTREES = Statement(insert(audit_subtrees).inline())

UNFIT = (
    "the audit log does not fit its tree, so nothing can be added to it; run"
    " 'strongroom audit verify'"
)
_UNKEYED = (
    "the tip of the audit log is vouched for under a key that is not at hand here, so nothing can"
    " be added to it"
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
class _Tip:
    """What the one row holds."""

    tree: TreeState
    tag: TipTag | None


class Growth:
    """Collects the events of a transaction, and writes them when they are needed or it commits.

    The numbers are given out at the writing, from the one row that has the state of the tree. So
    that row is read and written once for all works of a commit, and several processes that write
    one database continue each other's tree: whoever writes holds the lock on it.

    The row is believed when its tag says that one of them wrote it. Otherwise somebody else has
    put entries at the end, which would be signed with all others, and nothing is added.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        grouped: bool,
        macs: TipMac | None = None,
        committed: CommittedTip | None = None,
    ) -> None:
        """Work in whatever transaction the connection is in.

        Args:
            connection: the connection.
            macs: makes and checks tags; without it only a log that has none can grow.
            committed: what this process has committed last; nothing older is believed.
            grouped: wait for `write`, which whoever ends the transaction must call; otherwise
                every event is written at once.
        """
        self._connection = connection
        self._read_state = _STATE.on(connection)
        self._lock_state = _STATE_TO_WRITE.on(connection)
        self._keep_state = _KEEP_STATE.on(connection)
        self._insert = _INSERT.on(connection)
        self._insert_subtrees = _INSERT_SUBTREES.on(connection)
        self._grouped = grouped
        self._events: list[AuditEvent] = []
        self._written = 0
        self._macs = macs
        self._committed = committed
        self._tip: _Tip | None = None
        self._has_grown = False
        self._lacks_tip = False
        self._restored = 0
        self._own: _Tip | None = None
        """The one written last: what is found unchanged need not be computed again."""

    def begin(self) -> None:
        """Start a transaction without events."""
        self._events.clear()
        self._written = 0
        self._tip = None
        self._has_grown = False
        self._lacks_tip = False
        self._restored = 0

    def committed(self) -> None:
        """Remember the tip that was made durable, if this transaction wrote one."""
        # What was only read to take the lock may be somebody else's.
        if self._committed is not None and self._tip is not None and self._has_grown:
            self._committed.remember(self._tip.tree)

    def lock(self) -> bool:
        """Take the lock that lets one process write at a time, until the transaction ends.

        It is the one on the row that has the state of the tree: every change needs it at its end,
        and whoever has it from the beginning finds what is read still so when it is written.

        Returns whether there is such a row. Without it nothing can be done but to restore it.

        Raises:
            StorageUnavailable: that row is older than what was committed.
        """
        try:
            self._tip = self._look(self._lock_state)
        except Broken:
            self._lacks_tip = True
        return not self._lacks_tip

    def require_lockable(self) -> None:
        """See that there is a row to lock, or that it was restored.

        Raises:
            StorageUnavailable: it is missing or damaged.
        """
        if self._lacks_tip and not self._restored:
            raise StorageUnavailable(UNFIT)

    def add(self, event: AuditEvent) -> None:
        """Take an event."""
        if self._grouped:
            # Here, because a text that no store keeps must fail its own work and not the group.
            accept_event(event)
            self._events.append(event)
        else:
            self._append([event])

    def mark(self) -> tuple[int, int, int]:
        """Return where a work begins."""
        return len(self._events), self._written, self._restored

    def undo(self, mark: tuple[int, int, int]) -> None:
        """Forget what came since; what was written since is undone by the savepoint's rollback."""
        events, written, restored = mark
        del self._events[events:]
        if (self._written, self._restored) != (written, restored):
            self._written, self._restored = written, restored
            self._tip = None
            self._has_grown = False

    @property
    def is_due(self) -> bool:
        """Tell whether something was taken that is not written yet."""
        return len(self._events) > self._written

    def write(self) -> None:
        """Write what was taken and is not written yet.

        Raises:
            StorageUnavailable: it cannot be written.
        """
        if self.is_due:
            self._append(self._events[self._written :])
            self._written = len(self._events)

    def state(self) -> TreeState:
        """Return the state of the tree, with all that was taken.

        Raises:
            Broken: what is stored is the state of no tree.
            StorageUnavailable: it is older than what was committed.
        """
        self.write()
        return self._look(self._read_state).tree

    def tag(self) -> TipTag | None:
        """Return what vouches for the tip.

        Raises:
            Broken: what is stored is the state of no tree.
            StorageUnavailable: it is older than what was committed.
        """
        self.write()
        return self._look(self._read_state).tag

    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands."""
        self._put(_Tip(_tip(self._lock_state).tree, tag))
        self._tip = None

    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write the one row anew, whatever is there."""
        self._connection.execute(_REMOVE_STATE)
        self._connection.execute(
            _ADD_STATE,
            {
                "id": 1,
                "size": tree.size,
                "peaks": b"".join(tree.peaks),
                "key_id": tag.key_id,
                "mac": tag.mac,
            },
        )
        # This is what counts from then on, also where it is less than what was committed.
        self._tip = _Tip(tree, tag) if self._grouped else None
        self._has_grown = True
        self._restored += 1

    def _look(self, statement: Prepared) -> _Tip:
        """Read the one row."""
        tip = _tip(statement)
        if self._committed is not None:
            self._committed.require_no_older(tip.tree)
        return tip

    def _append(self, events: Sequence[AuditEvent]) -> None:
        """Write events behind those that are there."""
        try:
            tip = self._tip or self._look(self._lock_state)
            self._require(tip)
            entries = [
                AuditEntry(number=number, event=event)
                for number, event in enumerate(events, tip.tree.size + 1)
            ]
            leaves = [entry_leaf(entry) for entry in entries]
            rows = [to_row(entry, leaf) for entry, leaf in zip(entries, leaves, strict=True)]
            self._insert.put(rows)
            self._keep(tip, *tip.tree.grown(leaves))
        except (Broken, IntegrityError) as error:
            raise StorageUnavailable(UNFIT) from error

    def _require(self, tip: _Tip) -> None:
        """See that one of our servers wrote the tip.

        Raises:
            StorageUnavailable: it did not, or it cannot be told here.
        """
        if self._macs is None:
            if tip.tag is not None:
                raise StorageUnavailable(_UNKEYED)
        elif tip != self._own:
            try:
                require_vouched(self._macs, tip.tree, tip.tag)
            except Broken as error:
                raise StorageUnavailable(str(error)) from error

    def _keep(self, tip: _Tip, tree: TreeState, nodes: Sequence[Node]) -> None:
        """Write the state with a new tag, and the subtrees that became complete."""
        if nodes:
            rows = [{"height": n.height, "position": n.index, "hash": n.hash} for n in nodes]
            self._insert_subtrees.put(rows)
        tag = tip.tag
        if tag is not None and self._macs is not None:
            tag = vouched(self._macs, tree, key_id=tag.key_id)
        grown = _Tip(tree, tag)
        self._put(grown)
        self._own = grown
        self._tip = grown if self._grouped else None
        self._has_grown = True

    def _put(self, tip: _Tip) -> None:
        """Write the one row.

        Raises:
            StorageUnavailable: there is none.
        """
        tree, tag = tip.tree, tip.tag
        kept = self._keep_state.put_one(
            {
                "to_size": tree.size,
                "to_peaks": b"".join(tree.peaks),
                "to_key": None if tag is None else tag.key_id,
                "to_mac": None if tag is None else tag.mac,
            }
        )
        if not kept:
            raise StorageUnavailable(UNFIT)


def _tip(statement: Prepared) -> _Tip:
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
        return _Tip(tree, None)
    if not isinstance(key_id, str) or not isinstance(mac, bytes):
        return _Tip(tree, _NO_TAG)
    return _Tip(tree, TipTag(key_id=key_id, mac=mac))
