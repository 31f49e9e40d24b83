"""Counting the rows of a store and hashing their lines: equal stores give equal figures."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from application.backups.filling import Progress, watched
from domain.backups.encoding import RowCodec
from domain.backups.manifest import AuditState, TableCount
from domain.ports.store_rows import StoreRows

LOG = frozenset({"audit_entries", "audit_subtrees", "audit_tree"})
"""The tables that the audit log lies in, which every entry changes."""


def counted(
    rows: StoreRows, progress: Progress, *, without: Collection[str] = ()
) -> Mapping[str, TableCount]:
    """Return how many rows each table has, and the hash over them, but for some tables."""
    counts = {}
    for table in rows.tables():
        if table.name in without:
            continue
        digest, count, line = hashlib.sha256(), 0, RowCodec(table.columns).line
        for row in watched(rows.rows(table), progress):
            digest.update(line(row))
            count += 1
        counts[table.name] = TableCount(rows=count, sha256=digest.hexdigest())
    return counts


def audit_of(rows: StoreRows) -> AuditState:
    """Return what the audit log is."""
    tree = rows.session.audit_tree.state()
    return AuditState(size=tree.size, root=tree.root.hex())


def differences(wanted: Mapping[str, TableCount], got: Mapping[str, TableCount]) -> Sequence[str]:
    """Say which tables differ."""
    return [
        f"the table '{name}' differs"
        for name in sorted(wanted.keys() | got.keys())
        if wanted.get(name) != got.get(name)
    ]
