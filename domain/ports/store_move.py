"""An optional ability of a store: taking a copy in parts, so that one that was cut off goes on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

from domain.backups.rows import Row, TableForm
from domain.errors import StartRefused
from domain.ports.store_rows import StoreRows


class UnfinishedCopy(StartRefused):
    """The store is a copy that was cut off, or is being made now: nobody may serve from it."""


class StoreReceiving(ABC):
    """A store that is being made the copy of another one.

    Until it is finished, looking at it as a store, and so every start of a server on it, ends with
    `UnfinishedCopy`.
    """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[StoreRows]:
        """Look at what is there on one snapshot, until the block ends.

        Raises:
            StorageUnavailable: it cannot be read now.
        """

    @abstractmethod
    def page(self, table: TableForm, *, after: Row | None, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows that are there, in the order of the key, behind a row.

        Raises:
            StartRefused: there is no such table or column.
            StorageUnavailable: it cannot be read now.
        """

    @abstractmethod
    def change(
        self, table: TableForm, *, removed: Sequence[Row] = (), added: Sequence[Row] = ()
    ) -> None:
        """Remove rows by their keys, and add others: all of it, or nothing.

        What was changed outlives the process, and is durable when the copy is finished.

        Raises:
            StartRefused: there is no such table or column, or a row does not fit.
            StorageUnavailable: it cannot be written now.
        """

    @abstractmethod
    def finish(self, tables: Sequence[TableForm]) -> None:
        """Make it a store like any other, durably. It gives out no id that the tables gave out.

        Raises:
            StartRefused: rows refer to others that are not there.
            StorageUnavailable: it cannot be written now, and stays unfinished.
        """


class StoreMove(ABC):
    """Becomes the copy of another store, however often that is cut off."""

    @abstractmethod
    def is_begun(self) -> bool:
        """Tell whether a copy was begun here and is not finished.

        Raises:
            StartRefused: it cannot be read, or is not ours.
        """

    @abstractmethod
    def receiving(self, revision: str) -> AbstractContextManager[StoreReceiving]:
        """Begin a copy with the tables of a revision, or go on with the one that was begun.

        What was changed stays when the block raises or the process ends.

        Raises:
            StartRefused: a finished store is there, another process is making a copy here, or one
                was begun with another revision.
            StorageUnavailable: it cannot be written now.
        """
