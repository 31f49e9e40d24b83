"""Seeing that entries are the ones that were written, before their bodies are believed."""

from collections.abc import Sequence

from application.audit.check_tip import check_tip
from domain.audit.encoding import entry_leaf
from domain.audit.proofs import root_with
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.errors import Broken
from domain.ports.audit_tree import node_of
from domain.ports.storage import Session
from domain.ports.tip_mac import TipMac

CHANGED = (
    "entries of the audit log are not those that were written, so nothing is made of them; run"
    " 'strongroom audit verify'"
)


def written(session: Session, macs: TipMac, *, after: int, limit: int) -> Sequence[AuditRecord]:
    """Return the next records behind a number, up to `limit`, as they were written.

    What stands behind the tip that is vouched for is not among them.

    Raises:
        Broken: one of them is missing, or not as it was written, or nobody vouches for the tip.
    """
    size = session.audit_tree.state().size
    last = min(after + limit, size)
    if after >= last:
        return ()
    page = session.audit.page(AuditQuery(after=after, limit=last - after))
    if [record.number for record in page] != list(range(after + 1, last + 1)):
        raise Broken(CHANGED)
    require_written(session, macs, page)
    return page


def require_written(session: Session, macs: TipMac, records: Sequence[AuditRecord]) -> None:
    """Let records pass that stand like this in the tree that is vouched for.

    Bodies, leaves and stored subtrees are only rows, and may be edited together. So the root is
    computed once more, with the hashes of these very bodies in their places.

    Raises:
        Broken: one of them does not, or nobody vouches for the tip.
    """
    check_tip(session, macs)
    tree = session.audit_tree.state()
    leaves = {record.number - 1: _leaf(record) for record in records}
    if any(place >= tree.size for place in leaves):
        raise Broken(CHANGED)
    if root_with(leaves, tree.size, node_of(session.audit_tree)) != tree.root:
        raise Broken(CHANGED)


def _leaf(record: AuditRecord) -> bytes:
    """Return the leaf hash: of the body, where there is one."""
    return record.leaf if record.entry is None else entry_leaf(record.entry)
