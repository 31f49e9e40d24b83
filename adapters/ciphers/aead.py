"""What the two AEAD ciphers share: a random nonce before the ciphertext, all in base64url."""

import os
from abc import abstractmethod
from typing import Protocol

from cryptography.exceptions import InvalidTag

from adapters import base64url
from domain.errors import SealBroken
from domain.ports.cipher import Cipher

NONCE_BYTES = 12
"""RFC 5116, section 3.2. A key seals one version only, so a random nonce cannot repeat."""

TAG_BYTES = 16


class Aead(Protocol):
    """An authenticated cipher of the `cryptography` package, already keyed."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plaintext."""


class AeadCipher(Cipher):
    """Seals with an AEAD and takes the context as associated data."""

    @abstractmethod
    def _keyed(self, key: bytes) -> Aead:
        """Return the algorithm with this 32-byte key."""

    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Return nonce, ciphertext and tag as one text."""
        nonce = os.urandom(NONCE_BYTES)
        return base64url.encode(nonce + self._keyed(key).encrypt(nonce, plaintext, context))

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Return what the token holds.

        Raises:
            SealBroken: the token is malformed, or does not authenticate under key and context.
        """
        try:
            data = base64url.decode(token)
            if len(data) < NONCE_BYTES + TAG_BYTES:
                raise ValueError("too short")
            return self._keyed(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the stored value does not authenticate") from error
