"""Where the keys of an issuer come from, and how long they count."""

from abc import ABC, abstractmethod

from adapters.jwt.key_set import KeySet


class KeysAway(Exception):
    """No keys of the issuer count now: they cannot be had, and what was had is too old."""


class IssuerKeys(ABC):
    """The keys of one issuer."""

    @abstractmethod
    def current(self) -> KeySet:
        """Return the keys that count now.

        Raises:
            KeysAway: there are none.
            Absent: they have to be fetched first.
        """

    @abstractmethod
    def look_again(self) -> None:
        """Be told that a token names a key that is not among them.

        Raises:
            Absent: it is worth fetching them anew.
        """
