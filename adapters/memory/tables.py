"""Tables in memory whose changes can be undone."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from domain.audit.event import AuditEntry
from domain.errors import StorageUnavailable
from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.secrets.secret import Secret
from domain.secrets.version import SecretVersion

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """Remembers how to undo what the open transaction has done."""

    def __init__(self) -> None:
        """Begin outside of any transaction: nothing may be changed."""
        self._undo: list[Callable[[], object]] | None = None

    def begin(self) -> None:
        """Open a transaction."""
        self._undo = []

    def note(self, undo: Callable[[], object]) -> None:
        """Remember how to undo a change that is about to be made.

        Raises:
            StorageUnavailable: no transaction is open, as within a reading.
        """
        if self._undo is None:
            raise StorageUnavailable("a reading must not change the store")
        self._undo.append(undo)

    def commit(self) -> None:
        """Keep everything."""
        self._undo = None

    def rollback(self) -> None:
        """Undo everything, the newest change first."""
        for undo in reversed(self._undo or []):
            undo()
        self._undo = None


class MemoryTable(Mapping[K, V], Generic[K, V]):
    """Rows by key."""

    def __init__(self, journal: Journal) -> None:
        """Begin without rows."""
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
        rows = self._rows
        if key in rows:
            before = rows[key]
            self._journal.note(lambda: rows.__setitem__(key, before))
        else:
            self._journal.note(lambda: rows.__delitem__(key))
        rows[key] = row

    def drop(self, key: K) -> None:
        """Erase a row that is there."""
        rows, before = self._rows, self._rows[key]
        self._journal.note(lambda: rows.__setitem__(key, before))
        del rows[key]


class Tables:
    """Everything that is kept. Rows are frozen, so they are handed out as they are."""

    def __init__(self, journal: Journal) -> None:
        """Begin empty; changes are noted in the journal."""
        self._journal = journal
        self.secrets: MemoryTable[int, Secret] = MemoryTable(journal)
        self.versions: MemoryTable[tuple[int, int], SecretVersion] = MemoryTable(journal)
        self.data_keys: MemoryTable[str, DataKey] = MemoryTable(journal)
        self.root_keys: MemoryTable[int, RootKeyRecord] = MemoryTable(journal)
        self.rotations: MemoryTable[int, Rotation] = MemoryTable(journal)
        self.leases: MemoryTable[str, tuple[str, datetime]] = MemoryTable(journal)
        self.audit: MemoryTable[int, AuditEntry] = MemoryTable(journal)
        self.last_id = 0
        """Not undone: an id that was given out once is not given out again."""

    def touch(self) -> None:
        """Make a change of nothing."""
        self._journal.note(lambda: None)
