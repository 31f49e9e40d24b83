"""Fernet: AES-128-CBC with HMAC-SHA256 (the Fernet specification, version 0x80)."""

import hmac
import os
import time

from cryptography.hazmat.primitives.ciphers import Cipher as Symmetric
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from adapters import base64url
from adapters.hmac_sha256 import HmacSha256
from domain.errors import SealBroken
from domain.ports.cipher import Cipher

VERSION = b"\x80"
HEAD_BYTES = 9
"""The version, and the time of sealing in seconds, at which nobody looks."""

BLOCK_BYTES = 16
TAG_BYTES = 32
KEY_BYTES = 32
SIGNING_BYTES = 16
"""The first half of the key is for the HMAC, the second for the cipher."""


class FernetCipher(Cipher):
    """Makes ordinary Fernet tokens.

    Fernet has no associated data, so the token itself is bound to nothing.
    The binding is in the key, which is derived for one secret version only.

    It is written out, because each key is used once: the class of the library makes half a dozen
    objects of a key before it begins, which took longer than the opening itself.
    """

    @property
    def name(self) -> str:
        """Return `fernet`."""
        return "fernet"

    def seal(self, plaintext: bytes, *, key: bytes, context: bytes) -> str:
        """Return a Fernet token.

        Raises:
            ValueError: the key is of another length.
        """
        del context
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key of Fernet has {KEY_BYTES} bytes")
        signed = _head() + _encrypted(plaintext, key[SIGNING_BYTES:])
        return base64url.encode(signed + HmacSha256(key[:SIGNING_BYTES]).digest(signed))

    def open(self, token: str, *, key: bytes, context: bytes) -> bytes:
        """Return what the token holds.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
        del context
        try:
            signed = _authenticated(base64url.decode(token), key[:SIGNING_BYTES])
            return _decrypted(signed, key[SIGNING_BYTES:])
        except ValueError as error:
            raise SealBroken("the stored value does not authenticate") from error


def _head() -> bytes:
    """Return what every token of this second begins with."""
    return VERSION + int(time.time()).to_bytes(HEAD_BYTES - len(VERSION), "big")


def _encrypted(plaintext: bytes, key: bytes) -> bytes:
    """Return a fresh initialisation vector and whole blocks (padded as in RFC 5652, 6.3)."""
    vector = os.urandom(BLOCK_BYTES)
    count = BLOCK_BYTES - len(plaintext) % BLOCK_BYTES
    encryptor = Symmetric(AES(key), CBC(vector)).encryptor()
    return vector + encryptor.update(plaintext + bytes([count]) * count) + encryptor.finalize()


def _authenticated(data: bytes, key: bytes) -> bytes:
    """Return what the HMAC at the end stands for; nothing is looked at before that is verified.

    Raises:
        ValueError: it is not that of the data, or the data is of another version.
    """
    signed, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
    if not hmac.compare_digest(HmacSha256(key).digest(signed), tag):
        raise ValueError("does not authenticate")
    if signed[:1] != VERSION:
        raise ValueError("not the version that we know")
    return signed


def _decrypted(signed: bytes, key: bytes) -> bytes:
    """Return the plaintext behind the head and the initialisation vector.

    Raises:
        ValueError: there are no whole blocks, or they do not end in a padding (RFC 5652, 6.3).
            Who has no key never learns which, because the HMAC is looked at first.
    """
    begins = HEAD_BYTES + BLOCK_BYTES
    decryptor = Symmetric(AES(key), CBC(signed[HEAD_BYTES:begins])).decryptor()
    padded = decryptor.update(signed[begins:]) + decryptor.finalize()
    count = padded[-1] if padded else 0
    if not 1 <= count <= BLOCK_BYTES or padded[-count:] != bytes([count]) * count:
        raise ValueError("no padding at the end")
    return padded[:-count]
