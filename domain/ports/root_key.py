"""The key at the top, which never leaves its keeper."""

from abc import ABC, abstractmethod


class RootKey(ABC):
    """Wraps and unwraps data keys, and never hands itself out."""

    @property
    @abstractmethod
    def source(self) -> str:
        """Return where the key lies, for people: a URI without anything secret in it."""

    @abstractmethod
    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context. The result is printable ASCII.

        Raises:
            RootKeyUnavailable: the keeper of the key does not answer.
        """

    @abstractmethod
    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
            RootKeyUnavailable: the keeper of the key does not answer.
        """


class BareTokenOpener(ABC):
    """An optional ability of a root key: opening what earlier backends sealed with it."""

    @abstractmethod
    def open_bare(self, token: str) -> bytes:
        """Return the plaintext of a plain Fernet token made with the root key itself.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
