"""Copying a store to one of another kind, and seeing that it may take its place."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.backups.authenticate_store import Authenticated
from application.backups.filling import Progress, copy_of, watched
from application.backups.restore_backup import Authenticate
from domain.backups.encoding import RowCodec
from domain.backups.manifest import AuditState, TableCount
from domain.errors import StartRefused
from domain.ports.store import Store
from domain.ports.store_rows import StoreRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was copied and compared. Without findings it is safe to switch."""

    counts: Mapping[str, TableCount]
    values: int
    entries: int
    copied: bool
    findings: Sequence[str]


class MoveStore:
    """Copies one snapshot, then reads both stores and compares every row.

    The source is only read. One that is written to meanwhile is found out by the size of its
    audit log: every change and every reading of a value is an entry.
    """

    def __init__(self, *, authenticate: Authenticate) -> None:
        """Take what opens every value of the copy."""
        self._authenticate = authenticate

    def __call__(self, source: Store, target: Store, progress: Progress) -> Moved:
        """Copy and compare. A copy that is there already, whole, is only compared.

        Raises:
            StartRefused: a store cannot be copied, or something else is in the target's place.
            StorageUnavailable: a store cannot be used now; a copy is there whole or not at all.
        """
        copied = target.inspect().revision is None
        with copy_of(source).snapshot() as rows:
            before = _audit(rows)
            if copied:
                _copy(rows, target, progress)
            wanted = counted(rows, progress)
        with copy_of(target).snapshot() as rows:
            got = counted(rows, progress)
            audit = _audit(rows)
        if not copied and got != wanted:
            raise StartRefused(
                "the target has a store that is no copy of the source as it is now; name an empty"
                " place"
            )
        seen = self._seen(target, progress)
        with copy_of(source).snapshot() as rows:
            after = _audit(rows)
        return Moved(
            counts=got,
            values=seen.values,
            entries=audit.size,
            copied=copied,
            findings=[*_differences(wanted, got), *seen.findings, *_written(before, after)],
        )

    def _seen(self, target: Store, progress: Progress) -> Authenticated:
        """Open every value of the copy."""
        storage = target.open()
        try:
            return self._authenticate(storage)(progress)
        finally:
            storage.close()


def counted(rows: StoreRows, progress: Progress) -> Mapping[str, TableCount]:
    """Return how many rows each table has, and the hash over them."""
    counts = {}
    for table in rows.tables():
        digest, count, line = hashlib.sha256(), 0, RowCodec(table.columns).line
        for row in watched(rows.rows(table), progress):
            digest.update(line(row))
            count += 1
        counts[table.name] = TableCount(rows=count, sha256=digest.hexdigest())
    return counts


def _copy(rows: StoreRows, target: Store, progress: Progress) -> None:
    """Copy a snapshot."""
    with copy_of(target).filling(rows.revision) as filling:
        for table in rows.tables():
            filling.take(table, watched(rows.rows(table), progress))


def _audit(rows: StoreRows) -> AuditState:
    """Return what the audit log is."""
    tree = rows.session.audit_tree.state()
    return AuditState(size=tree.size, root=tree.root.hex())


def _differences(wanted: Mapping[str, TableCount], got: Mapping[str, TableCount]) -> Sequence[str]:
    """Say which tables differ."""
    return [
        f"the table '{name}' differs"
        for name in sorted(wanted.keys() | got.keys())
        if wanted.get(name) != got.get(name)
    ]


def _written(before: AuditState, after: AuditState) -> Sequence[str]:
    """Say that somebody has used the source meanwhile."""
    if before == after:
        return []
    told = (
        f"the source was used meanwhile: its audit log went from {before.size} to {after.size}"
        " entries; stop its servers and copy it again, to an empty place"
    )
    return [told]
