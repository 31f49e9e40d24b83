"""Making a store out of a backup that is read meanwhile."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from application.backups.reading import BackupReader
from domain.backups.manifest import AuditState
from domain.errors import StartRefused
from domain.ports.key_wrapper import KeyWrapper
from domain.ports.signer import NoteReader, Signer
from domain.ports.store import Store
from domain.ports.store_copy import StoreCopy

T = TypeVar("T")

Progress = Callable[[], None]

EVERY = 1000
"""Rows or lines between two signs of life."""


class FillStore:
    """Fills a store, and undoes everything unless the backup turns out to be what was signed."""

    def __init__(self, *, wrapper: KeyWrapper, signer: Signer, notes: NoteReader) -> None:
        """Take what tries the root key on the keys of the backup, and what reads its end."""
        self._wrapper = wrapper
        self._signer = signer
        self._notes = notes

    def __call__(
        self, reader: BackupReader, target: Store, *, replace: bool, progress: Progress
    ) -> AuditState:
        """Fill the store and return what was signed about its audit log.

        Raises:
            WrongRootKey: the root key at hand is not the one of the backup; nothing was touched.
            StartRefused: the target does not take a backup, or not this one.
            BackupBroken: the backup is damaged, cut off, or not what was signed.
            StorageUnavailable: the target cannot be written now.
        """
        header = reader.header
        self._wrapper.renew(header.root_key, header.keys)
        with copy_of(target).filling(header.revision, replace=replace) as filling:
            for table, rows in reader.tables():
                filling.take(table, watched(rows, progress))
            return reader.finish(notes=self._notes, signer=self._signer)

    def look(self, reader: BackupReader, progress: Progress) -> AuditState:
        """Read a backup to its end as if it were restored, and write nothing.

        Raises:
            WrongRootKey: the root key at hand is not the one of the backup.
            BackupBroken: the backup is damaged, cut off, or not what was signed.
        """
        self._wrapper.renew(reader.header.root_key, reader.header.keys)
        for _, rows in reader.tables():
            for _ in watched(rows, progress):
                pass
        return reader.finish(notes=self._notes, signer=self._signer)


def copy_of(store: Store) -> StoreCopy:
    """Return the ability of a store to be copied.

    Raises:
        StartRefused: it has none.
    """
    if not isinstance(store, StoreCopy):
        raise StartRefused(
            "this kind of store cannot be copied: its adapter does not offer what backups and"
            " moves need"
        )
    return store


def watched(items: Iterator[T], progress: Progress) -> Iterator[T]:
    """Hand rows or lines on, with a sign of life now and then."""
    for number, item in enumerate(items):
        if number % EVERY == 0:
            progress()
        yield item
