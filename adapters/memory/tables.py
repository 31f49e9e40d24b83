"""Tables in memory whose changes can be undone, and kept elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from domain.access.claim_binding import ClaimBinding
from domain.access.principal import Principal
from domain.access.role import Role
from domain.access.token import Token
from domain.alerts.alert import Alert
from domain.alerts.habit import Habit
from domain.audit.activity import Activity
from domain.audit.checkpoint import Checkpoint
from domain.audit.left_behind import LeftBehind
from domain.audit.merkle import TreeState
from domain.audit.record import AuditRecord
from domain.audit.tip import TipTag
from domain.backups.run import BackupRun
from domain.errors import StorageUnavailable
from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.ports.decoys import Decoy
from domain.ports.told_secrets import ToldSecret
from domain.secrets.secret import Secret
from domain.secrets.version import SecretVersion
from domain.webhooks.delivery import Delivery

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a table as it was written; `None` for a row that was erased."""

    table: str
    key: Any
    row: Any


Keep = Callable[[Sequence[Change]], object]
"""Keeps the changes of one unit of work. When it raises, they are undone."""


class Journal:
    """Remembers what the open transaction has done, and how to undo it."""

    def __init__(self, keep: Keep | None = None) -> None:
        """Begin outside of any transaction: nothing may be changed."""
        self._keep = keep
        self._changes: list[Change] = []
        self._undo: list[Callable[[], object]] | None = None

    def begin(self) -> None:
        """Open a transaction."""
        self._undo = []

    def note(self, change: Change, undo: Callable[[], object]) -> None:
        """Remember a change that is about to be made.

        Raises:
            StorageUnavailable: no transaction is open, as within a reading.
        """
        if self._undo is None:
            raise StorageUnavailable("a reading must not change the store")
        self._changes.append(change)
        self._undo.append(undo)

    def commit(self) -> None:
        """Keep everything.

        Raises:
            StorageUnavailable: it cannot be kept; now it must be rolled back.
        """
        if self._keep is not None and self._changes:
            self._keep(self._changes)
        self._end()

    def rollback(self) -> None:
        """Undo everything, the newest change first."""
        for undo in reversed(self._undo or []):
            undo()
        self._end()

    def _end(self) -> None:
        """Be outside of any transaction again."""
        self._changes, self._undo = [], None


class MemoryTable(Mapping[K, V], Generic[K, V]):
    """Rows by key."""

    def __init__(self, name: str, journal: Journal) -> None:
        """Begin without rows."""
        self._name = name
        self._journal = journal
        self._rows: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        """Return a row."""
        return self._rows[key]

    def __iter__(self) -> Iterator[K]:
        """Go through the keys."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def put(self, key: K, row: V) -> None:
        """Write a row, new or not."""
        rows, change = self._rows, Change(self._name, key, row)
        if key in rows:
            before = rows[key]
            self._journal.note(change, lambda: rows.__setitem__(key, before))
        else:
            self._journal.note(change, lambda: rows.__delitem__(key))
        rows[key] = row

    def drop(self, key: K) -> None:
        """Erase a row that is there."""
        rows, before = self._rows, self._rows[key]
        self._journal.note(Change(self._name, key, None), lambda: rows.__setitem__(key, before))
        del rows[key]

    def repeat(self, key: K, row: V | None) -> None:
        """Make a change that was kept in an earlier life."""
        if row is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row


class Tables:
    """Everything that is kept. Rows are frozen, so they are handed out as they are."""

    secrets: MemoryTable[int, Secret]
    versions: MemoryTable[tuple[int, int], SecretVersion]
    data_keys: MemoryTable[str, DataKey]
    root_keys: MemoryTable[int, RootKeyRecord]
    rotations: MemoryTable[int, Rotation]
    leases: MemoryTable[str, tuple[str, datetime]]
    audit: MemoryTable[int, AuditRecord]
    audit_tree: MemoryTable[str, TreeState]
    tip_tags: MemoryTable[str, TipTag]
    audit_left: MemoryTable[str, LeftBehind]
    checkpoints: MemoryTable[int, Checkpoint]
    feed_positions: MemoryTable[str, int]
    activity: MemoryTable[tuple[bytes, date, str], Activity]
    outbox: MemoryTable[int, Delivery]
    told_secrets: MemoryTable[bytes, ToldSecret]
    alerts: MemoryTable[int, Alert]
    alert_windows: MemoryTable[tuple[str, str, int], int]
    habits: MemoryTable[str, Habit]
    first_reads: MemoryTable[tuple[str, bytes], datetime]
    decoys: MemoryTable[bytes, Decoy]
    principals: MemoryTable[str, Principal]
    roles: MemoryTable[str, Role]
    bindings: MemoryTable[str, tuple[str, ...]]
    tokens: MemoryTable[int, Token]
    claim_bindings: MemoryTable[int, ClaimBinding]
    backup_runs: MemoryTable[int, BackupRun]
    probe: MemoryTable[str, int]

    def __init__(self, journal: Journal, kept: Iterable[Change] = ()) -> None:
        """Begin with changes that were kept, in their order; new ones are noted in the journal."""
        for name in row_types():
            setattr(self, name, MemoryTable(name, journal))
        self.last_id = 0
        """Not undone: an id that was given out once is not given out again."""
        self.last_token = 0
        """The same for tokens."""
        self.last_alert = 0
        """The same for alerts."""
        self.last_delivery = 0
        """The same for deliveries."""
        self.last_claim_binding = 0
        """The same for bindings of claims."""
        for change in kept:
            getattr(self, change.table).repeat(change.key, change.row)
            if change.table == "secrets":
                self.last_id = max(self.last_id, change.key)
            if change.table == "tokens":
                self.last_token = max(self.last_token, change.key)
            if change.table == "alerts":
                self.last_alert = max(self.last_alert, change.key)
            if change.table == "outbox":
                self.last_delivery = max(self.last_delivery, change.key)
            if change.table == "claim_bindings":
                self.last_claim_binding = max(self.last_claim_binding, change.key)


def row_types() -> Mapping[str, tuple[Any, Any]]:
    """Return what the keys and the rows of each table are, for whoever keeps changes elsewhere."""
    types: dict[str, tuple[Any, Any]] = {}
    for name, table in get_type_hints(Tables).items():
        key, row = get_args(table)
        types[name] = (key, row)
    return types
