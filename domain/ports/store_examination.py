"""Looking at a store from outside, sick or well."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.health.finding import Finding
from domain.ports.storage import Storage


class StoreExamination(ABC):
    """An optional ability of a store: being examined without being touched.

    Nothing is made, changed or kept from others, also while servers have the store open.
    """

    @abstractmethod
    def examine(self, *, full: bool) -> Sequence[Finding]:
        """Return what is wrong with the store itself, whatever stands in it.

        Damage, parts that are missing or not ours, files open to others, room on the disk. What
        `inspect` refuses need not be said again. Checks of the store's own are named `schema`,
        `files` and `disk_space`.

        Args:
            full: look at everything, however long that takes.
        """

    @abstractmethod
    def open_to_look(self) -> Storage:
        """Open a store of the newest form for reading alone; every writing fails.

        Raises:
            StartRefused: it is not shared, and another process has it.
            StorageUnavailable: it cannot be opened now.
        """
