"""An optional ability of a store: being copied whole, and made out of such a copy."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from domain.ports.store_rows import StoreFilling, StoreRows


class StoreCopy(ABC):
    """Gives all rows, and takes them, in a form that every other kind of store takes too."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[StoreRows]:
        """Look at a store of the newest form on one snapshot, until the block ends.

        Nobody who serves or writes meanwhile is kept from it.

        Raises:
            StartRefused: there is no store, or not one of the newest form.
            StorageUnavailable: it cannot be opened now.
        """

    @abstractmethod
    def filling(
        self, revision: str, *, replace: bool = False
    ) -> AbstractContextManager[StoreFilling]:
        """Make a store of a revision out of rows, and bring it to the newest one at the end.

        It is there, durably, when the block has ended. When the block raises, or the process ends
        before, everything is as it was.

        Args:
            revision: the form of the rows.
            replace: put the store that is there aside, whole, under another name.

        Raises:
            StartRefused: a store is there and must not be replaced, somebody has it open, or the
                revision is not known here.
            StorageUnavailable: it cannot be written now.
        """
