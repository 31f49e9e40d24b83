"""HMAC-SHA256 (RFC 2104), with the key taken in once.

The library's own function looks the algorithm up and takes the key in for every text. That takes
twice as long as the hashing, also where a key is used for one text only: 2.2 µs for 150 bytes
against 0.7 with a kept key, and half a dozen of them are in a reveal. A copy of the library's
object takes 1.2.
"""

import hashlib

BLOCK_BYTES = 64
"""What SHA-256 takes in at a time (FIPS 180-4)."""

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class HmacSha256:
    """One key, as both hashes stand after it (RFC 2104, section 4)."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """Take a key of at most one block; ours have 16 or 32 bytes.

        Raises:
            ValueError: it is longer, and would have to be hashed first.
        """
        if len(key) > BLOCK_BYTES:
            raise ValueError(f"a key has at most {BLOCK_BYTES} bytes")
        padded = key.ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def digest(self, text: bytes) -> bytes:
        """Return the 32 bytes for a text."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()
