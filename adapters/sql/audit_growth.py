"""Appending to the audit log: entries and tree are written together, once for a whole commit."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from adapters.sql.audit_rows import to_row
from adapters.sql.audit_tables import audit_entries, audit_subtrees
from adapters.sql.committed_tip import CommittedTip
from adapters.sql.statements import Statement
from adapters.sql.tip_row import UNFIT, Tip, TipRow
from domain.audit.encoding import accept_event, entry_leaf
from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.merkle import Node, TreeState
from domain.audit.tip import TipTag
from domain.errors import Broken, StorageUnavailable
from domain.ports.tip_mac import TipMac, require_vouched, vouched

_INSERT = Statement(insert(audit_entries).inline())
_INSERT_SUBTREES = Statement(insert(audit_subtrees).inline())

_UNKEYED = (
    "the tip of the audit log is vouched for under a key that is not at hand here, so nothing can"
    " be added to it"
)


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
        self._row = TipRow(connection)
        self._insert = _INSERT.on(connection)
        self._insert_subtrees = _INSERT_SUBTREES.on(connection)
        self._grouped = grouped
        self._events: list[AuditEvent] = []
        self._written = 0
        self._macs = macs
        self._committed = committed
        self._tip: Tip | None = None
        self._has_grown = False
        self._lacks_tip = False
        self._restored = 0
        self._own: Tip | None = None
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
            self._tip = self._believed(self._row.lock())
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
        return self._believed(self._row.read()).tree

    def tag(self) -> TipTag | None:
        """Return what vouches for the tip.

        Raises:
            Broken: what is stored is the state of no tree.
            StorageUnavailable: it is older than what was committed.
        """
        self.write()
        return self._believed(self._row.read()).tag

    def put(self, tag: TipTag) -> None:
        """Write a tag for the tip as it stands."""
        self._row.write(Tip(self._row.lock().tree, tag))
        self._tip = None

    def restore(self, tree: TreeState, tag: TipTag) -> None:
        """Write the one row anew, whatever is there."""
        self._row.restore(tree, tag)
        # This is what counts from then on, also where it is less than what was committed.
        self._tip = Tip(tree, tag) if self._grouped else None
        self._has_grown = True
        self._restored += 1

    def _believed(self, tip: Tip) -> Tip:
        """Return a tip that is no older than what was committed."""
        if self._committed is not None:
            self._committed.require_no_older(tip.tree)
        return tip

    def _append(self, events: Sequence[AuditEvent]) -> None:
        """Write events behind those that are there."""
        try:
            tip = self._tip or self._believed(self._row.lock())
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

    def _require(self, tip: Tip) -> None:
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

    def _keep(self, tip: Tip, tree: TreeState, nodes: Sequence[Node]) -> None:
        """Write the state with a new tag, and the subtrees that became complete."""
        if nodes:
            rows = [{"height": n.height, "position": n.index, "hash": n.hash} for n in nodes]
            self._insert_subtrees.put(rows)
        tag = tip.tag
        if tag is not None and self._macs is not None:
            tag = vouched(self._macs, tree, key_id=tag.key_id)
        grown = Tip(tree, tag)
        self._row.write(grown)
        self._own = grown
        self._tip = grown if self._grouped else None
        self._has_grown = True
