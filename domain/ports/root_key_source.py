"""Where a root key comes from, and how it gets a successor."""

from abc import ABC, abstractmethod

from domain.ports.root_key import RootKey


class RootKeySource(ABC):
    """The place that the settings name. It can be pickled: server workers are handed a copy."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """Return the place as the settings name it, without anything secret in it."""

    @abstractmethod
    def load(self) -> RootKey:
        """Return the root key that is there now. May be slow, or ask a person.

        Raises:
            WrongRootKey: there is none, or it is damaged or open to others. The message says what
                and the way back.
            RootKeyUnavailable: the keeper of the key does not answer.
        """


class FirstRootKey(ABC):
    """An optional ability of a source: making the key of a store that has none yet."""

    @abstractmethod
    def exists(self) -> bool:
        """Tell whether a key is there, fit to be used or not."""

    @abstractmethod
    def create(self) -> None:
        """Make a key, durably, unless there is one by now.

        Raises:
            WrongRootKey: it cannot be made.
        """


class RootKeySuccession(ABC):
    """An optional ability of a source: replacing its key in place.

    The steps are `propose`, the data keys wrapped anew in one transaction, `adopt`. After a crash
    between any two of them the key that fits the store is either the one that `load` returns, or
    the one that `proposed` does.
    """

    @abstractmethod
    def propose(self) -> RootKey:
        """Return a successor, which lies beside the key durably.

        One that was proposed before and never adopted is proposed again.

        Raises:
            WrongRootKey: it cannot be made.
        """

    @abstractmethod
    def proposed(self) -> RootKey | None:
        """Return the successor that lies beside the key, or `None`."""

    @abstractmethod
    def adopt(self, successor: RootKey) -> None:
        """Put the successor into the place of the key, durably; the key before is erased.

        Does nothing when another process has done it.
        """
