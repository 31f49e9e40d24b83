"""A root key that is stretched out of a passphrase with Argon2id (RFC 9106)."""

import hmac
import os
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from adapters import base64url
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey

TAG = "rk2"
"""Format tag of data keys wrapped under a passphrase. Formats are only ever added."""

SALT_BYTES = 16

_NONCE_BYTES = 12
_MAX_SEALED = _NONCE_BYTES + 64 + 16
"""The longest wrapped key that is tried.

AES-GCM does not commit to its key: somebody who writes the database could make one text that opens
under many passphrases, and learn from every start whether the right one is among them. How many
fit grows with the length; within these few blocks it is a handful, no better than guessing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one guess costs: memory in KiB, passes over it, and lanes.

    Stored costs are chosen by whoever writes the database. Less than the minimum would make
    guessing cheap, more than the maximum would let a row stop the machine.
    """

    memory: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        """Refuse what is too cheap or too dear.

        Raises:
            ValueError: a cost is out of its bounds.
        """
        bounds = ((self.memory, 19_456, 1 << 20), (self.passes, 2, 10), (self.lanes, 1, 16))
        if not all(lowest <= cost <= highest for cost, lowest, highest in bounds):
            raise ValueError("the costs of the passphrase are out of bounds")

    def __str__(self) -> str:
        """Return the costs as other programs write them too."""
        return f"m={self.memory},t={self.passes},p={self.lanes}"


RECOMMENDED = Costs(memory=65_536, passes=3, lanes=4)
"""The second recommended choice of RFC 9106, section 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretching:
    """What makes a key of the passphrase: costs and salt, as they stand in the stored form."""

    costs: Costs
    salt: bytes

    def __str__(self) -> str:
        """Return the head of the stored form."""
        return f"{TAG}:argon2id:{self.costs}:{base64url.encode(self.salt)}"


class StretchedRootKey(RootKey):
    """Wraps with AES-256-GCM under the stretched passphrase.

    Stretching is slow on purpose. So what was stretched is kept, and one salt serves for all
    wrapping: the one of the last key that unwrapped, else a new one.
    """

    def __init__(self, passphrase: bytes, *, source: str, costs: Costs = RECOMMENDED) -> None:
        """Take the passphrase, where it came from, and what stretching costs when wrapping."""
        self._passphrase = passphrase
        self._source = source
        self._costs = costs
        self._keys: dict[_Stretching, bytes] = {}
        self._latest: _Stretching | None = None

    def __repr__(self) -> str:
        """Show where the passphrase came from, and nothing of it."""
        return f"StretchedRootKey({self._source})"

    def is_of(self, passphrase: bytes) -> bool:
        """Tell whether this is the key of a passphrase."""
        return hmac.compare_digest(self._passphrase, passphrase)

    @property
    def source(self) -> str:
        """Return where the passphrase came from."""
        return self._source

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            ValueError: the data key is longer than 64 bytes.
        """
        if self._latest is None:
            self._latest = _Stretching(costs=self._costs, salt=os.urandom(SALT_BYTES))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._wrapper(self._latest).encrypt(
            nonce, data_key, _bound(self._latest, context)
        )
        if len(sealed) > _MAX_SEALED:
            raise ValueError("the data key is too long")
        return f"{self._latest}:{base64url.encode(sealed)}"

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another passphrase or context, or is damaged.
        """
        try:
            stretching, sealed = _parsed(wrapped)
            data_key = self._wrapper(stretching).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(stretching, context)
            )
        except (InvalidTag, ValueError) as error:
            raise WrongRootKey(
                f"the passphrase ({self._source}) does not open this store: it is mistyped, or"
                " not the one that belongs to it; nothing was changed"
            ) from error
        # Only what has opened may say how to wrap: a planted row must not choose the costs.
        if stretching.costs == self._costs:
            self._latest = stretching
        return data_key

    def _wrapper(self, stretching: _Stretching) -> AESGCM:
        """Return what wraps under one salt, stretched once."""
        key = self._keys.get(stretching)
        if key is None:
            key = self._keys[stretching] = self._stretch(stretching)
        return AESGCM(key)

    def _stretch(self, stretching: _Stretching) -> bytes:
        """Make a key of the passphrase. Takes a moment, and the memory that the costs name."""
        try:
            return Argon2id(
                salt=stretching.salt,
                length=32,
                iterations=stretching.costs.passes,
                lanes=stretching.costs.lanes,
                memory_cost=stretching.costs.memory,
            ).derive(self._passphrase)
        except UnsupportedAlgorithm as error:
            raise WrongRootKey(
                "the installed OpenSSL has no Argon2id, which a passphrase needs; install the"
                " 'cryptography' package as a wheel"
            ) from error


_FORM = re.compile(
    rf"{TAG}:argon2id:m=([1-9]\d{{0,9}}),t=([1-9]\d{{0,9}}),p=([1-9]\d{{0,9}}):([^:]+):([^:]+)",
    re.ASCII,
)


def _parsed(wrapped: str) -> tuple[_Stretching, bytes]:
    """Take the stored form apart."""
    match = _FORM.fullmatch(wrapped)
    if match is None:
        raise ValueError("unknown format")
    memory, passes, lanes, salt, sealed = match.groups()
    costs = Costs(memory=int(memory), passes=int(passes), lanes=int(lanes))
    stretching = _Stretching(costs=costs, salt=base64url.decode(salt))
    data = base64url.decode(sealed)
    if len(stretching.salt) != SALT_BYTES or len(data) > _MAX_SEALED:
        raise ValueError("a part has the wrong length")
    return stretching, data


def _bound(stretching: _Stretching, context: bytes) -> bytes:
    """Bind what is wrapped to its head too; a head holds no line end, so the two stay apart."""
    return f"{stretching}\n".encode("ascii") + context
