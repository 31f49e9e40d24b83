"""Copying a store to one of another kind, and seeing that it may take its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from application.backups.aligning import Aligned, align
from application.backups.authenticate_store import Authenticated
from application.backups.compare_copy import compare
from application.backups.counting import audit_of, counted, differences
from application.backups.filling import Progress, copy_of, watched
from application.backups.restore_backup import Authenticate
from domain.backups.manifest import AuditState, TableCount
from domain.errors import StorageUnavailable
from domain.ports.store import Store
from domain.ports.store_move import StoreMove
from domain.ports.store_rows import StoreRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was copied and compared. Without findings the copy is finished.

    `faults` says what is wrong in both, because it was so in the source and was copied as it is.
    Without those as well it is safe to switch.

    `aligned` says what this run did to a copy that was not finished; it is `None` where a finished
    one was only compared. `is_recorded` tells whether the copy has an entry that says that it is
    one.
    """

    counts: Mapping[str, TableCount] = field(default_factory=dict)
    values: int = 0
    entries: int = 0
    aligned: Aligned | None = None
    is_recorded: bool = False
    findings: Sequence[str]
    faults: Sequence[str] = ()


class MoveStore:
    """Copies a store, then reads both and compares every row.

    The source is only read. One that is written to meanwhile is found out by its rows and by the
    size of its audit log: every change and every reading of a value is an entry. A copy that was
    cut off, or whose source has changed, goes on with what is there, and nobody can serve from it
    until it is equal.
    """

    def __init__(self, *, authenticate: Authenticate) -> None:
        """Take what opens every value of the copy."""
        self._authenticate = authenticate

    def __call__(self, source: Store, target: Store, progress: Progress) -> Moved:
        """Copy and compare. A copy that is there already, finished, is only compared.

        Raises:
            StartRefused: a store cannot be copied, or something else is in the target's place.
            StorageUnavailable: a store cannot be used now; what was copied stays.
        """
        if isinstance(target, StoreMove) and (target.is_begun() or _is_empty(target)):
            try:
                return self._received(source, target, target, progress)
            except StorageUnavailable as error:
                told = f"{error}; give the same command again, and it goes on from there"
                raise StorageUnavailable(told) from error
        copied = _is_empty(target)
        if copied:
            with copy_of(source).snapshot() as rows:
                _copy_whole(rows, target, progress)
        compared = compare(source, target, progress)
        if not compared.counts:
            return Moved(is_recorded=compared.is_recorded, findings=compared.findings)
        seen = self._seen(target, progress)
        return Moved(
            counts=compared.counts,
            values=seen.values,
            entries=seen.audit.size,
            is_recorded=compared.is_recorded,
            findings=[*compared.findings, *_used(source, compared.audit)],
            faults=seen.findings,
        )

    def _received(self, source: Store, target: Store, move: StoreMove, progress: Progress) -> Moved:
        """Go on with a copy. It is finished when it is equal to a source that nobody used."""
        with move.receiving(source.inspect().newest) as receiving:
            with copy_of(source).snapshot() as rows:
                before = audit_of(rows)
                aligned = align(rows, receiving, progress)
            with copy_of(source).snapshot() as rows:
                tables, wanted = rows.tables(), counted(rows, progress)
            with receiving.snapshot() as rows:
                got = counted(rows, progress)
            seen = self._seen(target, progress)
            unequal = [*_used(source, before), *differences(wanted, got)]
            if not unequal:
                receiving.finish(tables)
        return Moved(
            counts=got,
            values=seen.values,
            entries=seen.audit.size,
            aligned=aligned,
            findings=unequal,
            faults=seen.findings,
        )

    def _seen(self, target: Store, progress: Progress) -> Authenticated:
        """Open every value of the copy."""
        storage = target.open()
        try:
            return self._authenticate(storage)(progress)
        finally:
            storage.close()


def _is_empty(store: Store) -> bool:
    """Tell whether there is no store."""
    return store.inspect().revision is None


def _copy_whole(rows: StoreRows, target: Store, progress: Progress) -> None:
    """Copy a snapshot to a store that does not go on with what was cut off."""
    with copy_of(target).filling(rows.revision) as filling:
        for table in rows.tables():
            filling.take(table, watched(rows.rows(table), progress))


def _used(source: Store, before: AuditState) -> Sequence[str]:
    """Say that somebody has used the source meanwhile."""
    with copy_of(source).snapshot() as rows:
        after = audit_of(rows)
    if before == after:
        return []
    told = (
        f"the source was used meanwhile: its audit log went from {before.size} to {after.size}"
        " entries; stop its servers and give the same command again, which copies what changed"
    )
    return [told]
