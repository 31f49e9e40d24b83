"""A SQLite file as a store: found by its URL, brought up to date, opened and watched."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from adapters.sql import file_examination, schema, schema_examination, sqlite_copy, sqlite_move
from adapters.sql.sqlite import SqliteStorage
from adapters.sql.sqlite_look import SqliteLook
from adapters.system.files import close_to_others
from domain.errors import StartRefused, StorageUnavailable
from domain.health.finding import Finding
from domain.ports.storage import Storage
from domain.ports.store import Store, StoreOptions, StoreState
from domain.ports.store_copy import StoreCopy
from domain.ports.store_examination import StoreExamination
from domain.ports.store_move import StoreMove, StoreReceiving
from domain.ports.store_rows import StoreFilling, StoreRows

SCHEME = "sqlite:///"


class SqliteStore(Store, StoreExamination, StoreCopy, StoreMove):
    """One file and, while it is open, the two that SQLite keeps beside it."""

    def __init__(self, path: Path, options: StoreOptions | None = None) -> None:
        """Take the path of the database file, which need not be there yet."""
        self._path = path
        self._options = options or StoreOptions()

    @classmethod
    def at(cls, url: str, options: StoreOptions) -> "SqliteStore":
        """Return the store of the URL `sqlite:///<path>`.

        Raises:
            StartRefused: the URL has another form.
        """
        path = url.removeprefix(SCHEME)
        if path in {"", url}:
            raise StartRefused("the setting 'database_url' must have the form sqlite:///path")
        return cls(Path(path), options)

    @property
    def is_shared(self) -> bool:
        """Return `True`: SQLite's own locks keep processes apart."""
        return True

    def inspect(self) -> StoreState:
        """Look at the file and change nothing.

        Raises:
            StartRefused: the file is no SQLite database, or its tables are not ours.
        """
        return schema.inspect(self._path)

    def upgrade(self) -> str | None:
        """Bring the tables to the newest revision, after copying the file.

        Raises:
            StartRefused: the tables cannot be changed now; they are as they were.
        """
        if self.inspect().of_earlier_backend:
            close_to_others(self._path)
        copy = schema.upgrade(self._path)
        return None if copy is None else str(copy)

    def open(self) -> SqliteStorage:
        """Open the file."""
        options = self._options
        return SqliteStorage(self._path, busy_timeout=options.busy_timeout, meter=options.meter)

    def examine(self, *, full: bool) -> Sequence[Finding]:
        """Return what is wrong with the files and the tables."""
        return [
            *file_examination.examine(self._path),
            *schema_examination.examine(self._path, full=full),
        ]

    def open_to_look(self) -> Storage:
        """Open the file for reading, leaving nothing beside it."""
        return SqliteLook(self._path, busy_timeout=self._options.busy_timeout)

    def snapshot(self) -> AbstractContextManager[StoreRows]:
        """Look at the file on one snapshot, beside whoever has it open."""
        return sqlite_copy.snapshot(self._path, busy_timeout=self._options.busy_timeout)

    def filling(
        self, revision: str, *, replace: bool = False
    ) -> AbstractContextManager[StoreFilling]:
        """Make the file out of rows, beside the one that is there until it is whole."""
        return sqlite_copy.filling(self._path, revision, replace=replace)

    def is_begun(self) -> bool:
        """Tell whether the file is a copy that is not finished."""
        return sqlite_move.is_begun(self._path)

    def receiving(self, revision: str) -> AbstractContextManager[StoreReceiving]:
        """Make the file a copy in parts."""
        return sqlite_move.receiving(self._path, revision)

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """Return the checks of the tables' revision and of the room on the disk."""
        return {"schema": self._check_schema, "disk_space": self._check_disk_space}

    def _check_schema(self) -> None:
        """See that no other process has left the tables at another revision."""
        if not self.inspect().is_current:
            raise StorageUnavailable("the schema is not current")

    def _check_disk_space(self) -> None:
        """See that there is room.

        On a disk that is nearly full small changes still succeed for a while, and then one does
        not: whoever watches should know before.
        """
        disk = os.statvfs(self._path.parent)
        if disk.f_bavail * disk.f_frsize < file_examination.FULL_BYTES:
            raise StorageUnavailable("the disk is full")
