"""Scratch stores: SQLite files in a folder, whatever kind the real store is."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from adapters.backups.locking import locked
from adapters.sql.sqlite_store import SqliteStore
from domain.errors import StorageUnavailable
from domain.ports.scratch import Scratch
from domain.ports.store import Store

PREFIX = "scratch-"


class FolderScratch(Scratch):
    """Makes a folder of its own for each store, for the owner only."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that they are made in; it needs room for the whole store."""
        self._folder = folder

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """Give a place for a store, and erase it at the end."""
        try:
            own, descriptor = self._make()
        except OSError as error:
            raise StorageUnavailable(
                f"no scratch store can be made in {self._folder} ({error.strerror})"
            ) from error
        try:
            yield SqliteStore(own / "secrets.db")
        finally:
            shutil.rmtree(own, ignore_errors=True)
            os.close(descriptor)

    def _make(self) -> tuple[Path, int]:
        """Make a folder, with its lock taken."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._folder):
            _erase_left(self._folder)
            own = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._folder))
            descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        return own, descriptor


def _erase_left(folder: Path) -> None:
    """Erase what processes that were killed have left; one that still works holds a lock."""
    for left in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)
