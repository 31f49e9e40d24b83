"""A data key sealed under a key of its own, which a service wraps that binds no context itself."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters import base64url

TAG = "azurekv1"
"""Format tag of wrapped data keys. Formats are only ever added."""

WRAPPING_KEY_BYTES = 32

_NONCE_BYTES = 12
_FORM = re.compile(rf"{TAG}:([A-Z0-9-]{{1,20}}):([0-9a-zA-Z]{{1,64}}):([^:]+):([^:]+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is stored: how and by which version the wrapping key was wrapped, it, and the data key.

    The wrapping key is fresh for every data key. So its one nonce cannot come twice.
    """

    algorithm: str
    version: str
    wrapped: bytes
    sealed: bytes

    @classmethod
    def seal(
        cls,
        data_key: bytes,
        *,
        context: bytes,
        algorithm: str,
        version: str,
        wrap: Callable[[bytes], bytes],
    ) -> "Envelope":
        """Seal a data key under a fresh wrapping key, bound to the context and to all the rest."""
        wrapping_key, nonce = os.urandom(WRAPPING_KEY_BYTES), os.urandom(_NONCE_BYTES)
        empty = cls(algorithm=algorithm, version=version, wrapped=wrap(wrapping_key), sealed=b"")
        sealed = nonce + AESGCM(wrapping_key).encrypt(nonce, data_key, empty._bound(context))
        return cls(algorithm=algorithm, version=version, wrapped=empty.wrapped, sealed=sealed)

    @classmethod
    def parse(cls, text: str) -> "Envelope":
        """Read the stored form.

        Raises:
            ValueError: it is not one.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("unknown format")
        algorithm, version, wrapped, sealed = match.groups()
        return cls(
            algorithm=algorithm,
            version=version,
            wrapped=base64url.decode(wrapped),
            sealed=base64url.decode(sealed),
        )

    def __str__(self) -> str:
        """Return the stored form."""
        return f"{self._head()}:{base64url.encode(self.sealed)}"

    def open(self, wrapping_key: bytes, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            ValueError: the wrapping key or the context is another one, or something is damaged.
        """
        if len(wrapping_key) != WRAPPING_KEY_BYTES:
            raise ValueError("the wrapping key has the wrong length")
        nonce, sealed = self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:]
        try:
            return AESGCM(wrapping_key).decrypt(nonce, sealed, self._bound(context))
        except InvalidTag as error:
            raise ValueError("the data key does not authenticate") from error

    def _head(self) -> str:
        """Return everything before what is sealed."""
        return f"{TAG}:{self.algorithm}:{self.version}:{base64url.encode(self.wrapped)}"

    def _bound(self, context: bytes) -> bytes:
        """Bind to the head too; a head holds no line end, so the two stay apart."""
        return f"{self._head()}\n".encode("ascii") + context
