"""Comparing a finished copy with its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.backups.counting import LOG, audit_of, counted, differences
from application.backups.filling import Progress, copy_of
from domain.access.action import Action
from domain.audit.merkle import range_hash
from domain.backups.manifest import AuditState, TableCount
from domain.errors import StartRefused
from domain.ports.audit_tree import node_of
from domain.ports.store import Store
from domain.ports.store_rows import StoreRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What both have, and whether the copy has an entry of its own that says that it is one."""

    audit: AuditState
    counts: Mapping[str, TableCount]
    is_recorded: bool
    findings: Sequence[str]


def compare(source: Store, target: Store, progress: Progress) -> Compared:
    """Compare two stores, each on one snapshot. The copy's own entry is not counted against it.

    Raises:
        StartRefused: the target is no copy of the source as it is now.
        StorageUnavailable: a store cannot be read now.
    """
    with copy_of(source).snapshot() as here, copy_of(target).snapshot() as there:
        audit, own = audit_of(here), _own_entries(here, there)
        if own > 1 or not _is_recorded(there, own):
            told = (
                f"the copy was used since it was made: {own} entries of its log are its own; either"
                " keep the copy and use the source no more, or name an empty place and copy anew"
            )
            return Compared(audit=audit, counts={}, is_recorded=True, findings=[told])
        # What differs in the log is that entry alone: the trees are the same up to it.
        without = LOG if own else ()
        wanted, got = (counted(rows, progress, without=without) for rows in (here, there))
    found = differences(wanted, got)
    return Compared(audit=audit, counts=got, is_recorded=own == 1, findings=found)


def _own_entries(here: StoreRows, there: StoreRows) -> int:
    """Return how many entries the copy has behind those of the source.

    Raises:
        StartRefused: its log is not the source's and more.
    """
    tree, other = here.session.audit_tree.state(), there.session.audit_tree
    own = other.state().size - tree.size
    if own >= 0 and range_hash(0, tree.size, node_of(other)) == tree.root:
        return own
    raise StartRefused(
        "the target has a store that is no copy of the source as it is now; name an empty place"
    )


def _is_recorded(there: StoreRows, own: int) -> bool:
    """Tell whether what is the copy's own, if anything, is the entry of a move."""
    size = there.session.audit_tree.state().size
    entries = there.session.audit.entries(after=size - own, limit=1)
    return all(entry.event.action is Action.MOVE_STORE for entry in entries)
