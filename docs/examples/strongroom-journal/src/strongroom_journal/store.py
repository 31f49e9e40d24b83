"""A journal as a store: found by its URL, made, opened and watched."""

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.memory import MemoryStorage
from domain.errors import StartRefused, StorageUnavailable
from domain.keys.data_key import KeyState
from domain.ports.storage import Session
from domain.ports.store import Store, StoreOptions, StoreState
from strongroom_journal import records
from strongroom_journal.file import JournalFile
from strongroom_journal.storage import JournalStorage

SCHEME = "journal:///"

MIN_FREE_BYTES = 1024 * 1024
"""Below this the disk counts as full."""


class JournalStore(Store):
    """One file, for one process."""

    def __init__(self, path: Path) -> None:
        """Take the path of the journal, which need not be there yet."""
        self._path = path

    @classmethod
    def at(cls, url: str, _options: StoreOptions) -> "JournalStore":
        """Return the store of the URL `journal:///<path>`.

        Raises:
            StartRefused: the URL has another form.
        """
        path = url.removeprefix(SCHEME)
        if path in {"", url}:
            raise StartRefused("the setting 'database_url' must have the form journal:///path")
        return cls(Path(path))

    @property
    def is_shared(self) -> bool:
        """Return `False`: what one process holds in memory, another would not see."""
        return False

    def inspect(self) -> StoreState:
        """Read the journal, also while a server appends to it, and change nothing.

        Raises:
            StartRefused: it cannot be read, is damaged, or is not ours.
        """
        text = self._read()
        if records.revision_of(text) is None:
            return StoreState(revision=None, newest=records.REVISION)
        changes, _ = records.parse(text)
        return MemoryStorage(kept=changes).read(_look).result()

    def upgrade(self) -> str | None:
        """Make the journal, unless it is there. There is no earlier form to come from.

        Raises:
            StartRefused: it cannot be made, or another process has it.
        """
        try:
            with contextlib.closing(JournalFile(self._path)) as journal:
                journal.begin()
        except OSError as error:
            raise StartRefused(
                f"the journal {self._path} cannot be made: {error.strerror}"
            ) from error
        return None

    def open(self) -> JournalStorage:
        """Take the journal and read it.

        Raises:
            StartRefused: another process has it, or it is damaged.
            StorageUnavailable: it cannot be opened or mended now.
        """
        try:
            with contextlib.ExitStack() as until_read:
                journal = JournalFile(self._path)
                until_read.callback(journal.close)
                storage = JournalStorage(journal)
                until_read.pop_all()
        except OSError as error:
            raise StorageUnavailable(f"the journal cannot be opened: {error.strerror}") from error
        return storage

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """Return the checks of the journal's form and of the room on the disk."""
        return {"schema": self._check_form, "disk_space": self._check_disk_space}

    def _read(self) -> bytes:
        """Return the whole text; nothing where there is no file."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StartRefused(
                f"the journal {self._path} cannot be read: {error.strerror}"
            ) from error

    def _check_form(self) -> None:
        """See that the file that has the name is still a journal of this form."""
        with self._path.open("rb") as file:
            if records.revision_of(file.read(len(records.FIRST_LINE))) is None:
                raise StorageUnavailable("the journal is not there any more")

    def _check_disk_space(self) -> None:
        """See that there is room, before a change finds that there is none."""
        disk = os.statvfs(self._path.parent)
        if disk.f_bavail * disk.f_frsize < MIN_FREE_BYTES:
            raise StorageUnavailable("the disk is full")


def _look(session: Session) -> StoreState:
    """Say what a journal holds."""
    keys = session.data_keys.all()
    return StoreState(
        revision=records.REVISION,
        newest=records.REVISION,
        has_secrets=session.sealed_values.any_beginning(""),
        keys=[key for key in keys if key.state is not KeyState.DESTROYED],
        root_key=session.root_keys.current(),
    )
