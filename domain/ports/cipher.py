"""Sealing one text under one key."""

from abc import ABC, abstractmethod


class Cipher(ABC):
    """An authenticated cipher. A key is used for one secret version only."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name that stands in stored values: lower-case letters, digits, `-`."""

    @abstractmethod
    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Seal the plaintext under a 32-byte key, bound to the context where the cipher can.

        The token is printable ASCII without blanks.
        """

    @abstractmethod
    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Return the plaintext of a token that `seal` made with this key and context.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
