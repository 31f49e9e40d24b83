"""Everything in a store, as rows, on one snapshot."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence

from domain.backups.rows import Row, TableForm
from domain.ports.storage import Session


class StoreRows(ABC):
    """What stood in a store at one moment. All of it is of the same snapshot."""

    @property
    @abstractmethod
    def revision(self) -> str:
        """Return the form of what is kept."""

    @property
    @abstractmethod
    def session(self) -> Session:
        """Return the repositories, which see the same snapshot."""

    @abstractmethod
    def tables(self) -> Sequence[TableForm]:
        """Return the tables that make up the store: a table comes after those that it refers to.

        What holds for this place and moment only, such as leases and the runs of backups, is left
        out.
        """

    @abstractmethod
    def rows(self, table: TableForm) -> Generator[Row, None, None]:
        """Go through the rows of a table in the order of its key, a few in memory at a time.

        Whoever stops before the end closes it, before the snapshot ends.
        Texts are ordered by code points, so that two stores of the same rows give the same.

        Raises:
            StorageUnavailable: the store cannot be read now.
            Broken: a row cannot be read.
        """


class StoreFilling(ABC):
    """A store that is being made out of rows."""

    @abstractmethod
    def take(self, table: TableForm, rows: Iterable[Row]) -> None:
        """Keep the rows of one table; each table comes once, after those that it refers to.

        Raises:
            StartRefused: a store of this revision has no such table or column, or a row does not
                fit.
            StorageUnavailable: the store cannot be written now.
        """
