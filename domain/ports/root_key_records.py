"""Where it is remembered which root key the store is under."""

from abc import ABC, abstractmethod

from domain.keys.root_key_record import RootKeyRecord


class RootKeyRecords(ABC):
    """Keeps the succession of root keys."""

    @abstractmethod
    def current(self) -> RootKeyRecord | None:
        """Return the newest record, or `None` in a store that has none yet."""

    @abstractmethod
    def add(self, record: RootKeyRecord) -> None:
        """Keep the record of the next root key.

        Raises:
            LostRace: there is one of this generation.
        """
