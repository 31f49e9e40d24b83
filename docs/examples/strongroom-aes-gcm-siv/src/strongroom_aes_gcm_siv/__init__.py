"""AES-256-GCM-SIV (RFC 8452) as a cipher of Strongroom."""

import base64
import os

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from domain.errors import SealBroken, StartRefused
from domain.ports.cipher import Cipher

__all__ = ["AesGcmSivCipher"]

NONCE_BYTES = 12
TAG_BYTES = 16


class AesGcmSivCipher(Cipher):
    """Seals with AES-256-GCM-SIV and takes the context as associated data.

    A token is the nonce, the ciphertext and the tag, in base64url.
    """

    def __init__(self) -> None:
        """See that the installed OpenSSL has the algorithm, before anything is sealed.

        Raises:
            StartRefused: it has not.
        """
        try:
            AESGCMSIV(bytes(32))
        except UnsupportedAlgorithm as error:
            raise StartRefused(
                "the cipher 'aes-256-gcm-siv' needs OpenSSL 3.2 or newer; choose another"
            ) from error

    @property
    def name(self) -> str:
        """Return `aes-256-gcm-siv`."""
        return "aes-256-gcm-siv"

    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Return a token."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCMSIV(key).encrypt(nonce, plaintext, context)
        return base64.urlsafe_b64encode(nonce + sealed).decode("ascii")

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Return what the token holds.

        Raises:
            SealBroken: the token is malformed, or does not authenticate under key and context.
        """
        try:
            data = _decode(token)
            return AESGCMSIV(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the stored value does not authenticate") from error


def _decode(token: str) -> bytes:
    """Return the bytes of a token.

    The decoder passes over strange characters and stray bits, so that many texts would stand for
    one token. Comparing with what is encoded again leaves exactly one.

    Raises:
        ValueError: the text is not the one encoding of a nonce, a ciphertext and a tag.
    """
    data = base64.urlsafe_b64decode(token)
    if base64.urlsafe_b64encode(data).decode("ascii") != token:
        raise ValueError("not canonical")
    if len(data) < NONCE_BYTES + TAG_BYTES:
        raise ValueError("too short")
    return data
