"""A key ring that derives record keys with HKDF-SHA256 (RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import KeyUnavailable, WrongRootKey
from domain.keys.data_key import DATA_KEY_BYTES, DataKey, KeyState
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.randomness import Randomness
from domain.ports.root_key import RootKey

RECORD_KEY_BYTES = 32


class HkdfKeyRing(KeyRing):
    """Holds data keys in memory; the root key wraps and unwraps them."""

    def __init__(self, *, root_key: RootKey, clock: Clock, randomness: Randomness) -> None:
        """Start with an empty ring."""
        self._root_key = root_key
        self._clock = clock
        self._randomness = randomness
        self._held: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Show how many keys are held, and nothing of them."""
        return f"HkdfKeyRing({len(self._held)} held)"

    def mint(self) -> DataKey:
        """Make a new active data key, wrapped, and hold it."""
        key_id = self._randomness.token(8).hex()
        plain = self._randomness.token(DATA_KEY_BYTES)
        wrapped = self._root_key.wrap(plain, context=_wrap_context(key_id))
        self._held[key_id] = plain
        return DataKey(
            id=key_id, state=KeyState.ACTIVE, created_at=self._clock.now(), wrapped=wrapped
        )

    def admit(self, key: DataKey) -> None:
        """Unwrap a stored data key and hold it.

        Raises:
            WrongRootKey: the root key does not fit, or the wrapped key has the wrong length.
        """
        if key.state is KeyState.DESTROYED:
            return
        plain = self._root_key.unwrap(key.wrapped, context=_wrap_context(key.id))
        if len(plain) != DATA_KEY_BYTES:
            raise WrongRootKey("a stored data key has the wrong length")
        self._held[key.id] = plain

    def holds(self, key_id: str) -> bool:
        """Tell whether the data key is at hand."""
        return key_id in self._held

    def record_key(self, key_id: str, context: bytes) -> bytes:
        """Derive the 32-byte key for one secret version, with the context as HKDF's `info`.

        No salt: the data key is uniformly random (RFC 5869, section 3.1).

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
        plain = self._held.get(key_id)
        if plain is None:
            raise KeyUnavailable("the data key of the stored value is not at hand")
        return HKDF(SHA256(), RECORD_KEY_BYTES, salt=None, info=context).derive(plain)


def _wrap_context(key_id: str) -> bytes:
    """Bind a wrapped data key to its id, so that two rows cannot be exchanged."""
    return f"strongroom/sr1/data-key/{key_id}".encode()
