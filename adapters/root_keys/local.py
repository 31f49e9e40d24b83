"""A root key held in this process's memory, whatever it was read from."""

import hmac
import os
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters import base64url
from domain.errors import SealBroken, WrongRootKey
from domain.ports.root_key import BareTokenOpener, RootKey

ROOT_KEY_BYTES = 32
TAG = "rk1"
"""Format tag of wrapped data keys. Formats are only ever added."""

_NONCE_BYTES = 12


class LocalRootKey(RootKey, BareTokenOpener):
    """Wraps with AES-256-GCM under a key derived from the root key.

    The root key is a Fernet key, and earlier backends sealed values with it directly. Wrapping
    under a derived key keeps the two uses apart: no wrapped key is ever a value's token.
    """

    def __init__(self, key: bytes, *, source: str) -> None:
        """Take the 32 bytes of the key, and where they came from.

        Raises:
            ValueError: the key has not 32 bytes.
        """
        if len(key) != ROOT_KEY_BYTES:
            raise ValueError(f"a root key has {ROOT_KEY_BYTES} bytes")
        self._key = key
        self._fernet = Fernet(base64url.encode(key))
        derived = HKDF(SHA256(), 32, salt=None, info=b"strongroom/rk1/wrap").derive(key)
        self._wrapper = AESGCM(derived)
        self._source = source

    @classmethod
    def of_text(cls, text: bytes, *, source: str, what: str, way_back: str) -> Self:
        """Return the key that 44 characters of base64url stand for; one line end is allowed.

        Args:
            text: the characters, as they were read.
            source: where they came from, for people.
            what: what should hold them, for the message.
            way_back: what to do when they are no key.

        Raises:
            WrongRootKey: they are no key. The message does not repeat them.
        """
        try:
            key = base64url.decode(text.decode("ascii").removesuffix("\n").removesuffix("\r"))
        except ValueError:
            key = b""
        if len(key) != ROOT_KEY_BYTES:
            raise WrongRootKey(
                f"{what} does not hold a key (44 characters of base64url); {way_back}"
            )
        return cls(key, source=source)

    def __repr__(self) -> str:
        """Show where the key came from, and nothing of it."""
        return f"LocalRootKey({self._source})"

    def __eq__(self, other: object) -> bool:
        """Tell whether it is the same key, wherever it was read from."""
        return isinstance(other, LocalRootKey) and hmac.compare_digest(self._key, other._key)

    def __hash__(self) -> int:
        """Hash by the key."""
        return hash(self._key)

    @property
    def source(self) -> str:
        """Return where the key came from."""
        return self._source

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context."""
        nonce = os.urandom(_NONCE_BYTES)
        return f"{TAG}:" + base64url.encode(nonce + self._wrapper.encrypt(nonce, data_key, context))

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
        """
        tag, _, token = wrapped.partition(":")
        try:
            if tag != TAG:
                raise ValueError("unknown format")
            data = base64url.decode(token)
            return self._wrapper.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise WrongRootKey(
                f"the root key ({self._source}) does not open this store; put the key back"
                " that belongs to it, nothing was changed"
            ) from error

    def open_bare(self, token: str) -> bytes:
        """Return the plaintext of a plain Fernet token made with the root key itself.

        Raises:
            SealBroken: the token is malformed, or does not authenticate.
        """
        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            raise SealBroken("the stored value does not open with the root key") from error
