"""A key ring that derives keys with HKDF-SHA256 (RFC 5869) and has the root key wrap them."""

import hmac
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from adapters.hmac_sha256 import HmacSha256
from domain.errors import KeyUnavailable, RootKeyMoved, WrongRootKey
from domain.keys.data_key import DATA_KEY_BYTES, SECOND_FORM, DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import FIRST_GENERATION, RootKeyRecord
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.key_wrapper import KeyWrapper
from domain.ports.randomness import Randomness
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession

NO_SALT = bytes(32)
"""None is needed: a data key is uniformly random (RFC 5869, section 3.1)."""

FIRST_BLOCK = b"\x01"
"""The number of the only block of a derived key: 32 bytes are one (RFC 5869, section 2.3)."""

_WRAP_CONTEXTS = {
    KeyPurpose.SEAL: "data-key",
    KeyPurpose.SIGN: "signing-key",
    KeyPurpose.TOKEN: "token-key",
    KeyPurpose.AUDIT: "audit-key",
}
_FIRST, _SECOND = "sr1", "sr2"
"""How the two forms of wrapped keys are called in their contexts."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A data key, and what HKDF extracts from it: once, and not for every value."""

    plain: bytes = field(repr=False)
    extracted: HmacSha256 = field(repr=False)

    @classmethod
    def of(cls, plain: bytes) -> "_Held":
        """Hold a data key."""
        return cls(plain, HmacSha256(HmacSha256(NO_SALT).digest(plain)))


class HkdfKeyRing(KeyRing, KeyWrapper):
    """Holds data keys in memory, and the root key of the newest generation that it knows."""

    def __init__(self, *, source: RootKeySource, clock: Clock, randomness: Randomness) -> None:
        """Start with an empty ring; the root key is loaded when it is needed first."""
        self._source = source
        self._clock = clock
        self._randomness = randomness
        self._root_key: RootKey | None = None
        self._generation = 0
        self._held: dict[str, _Held] = {}
        self._loading = threading.RLock()
        # A thread of its own, because a root key may be in a service far away.
        self._elsewhere = ThreadPoolExecutor(1, thread_name_prefix="keys")

    def __repr__(self) -> str:
        """Show how many keys are held, and nothing of them."""
        return f"HkdfKeyRing({len(self._held)} held)"

    @property
    def generation(self) -> int:
        """Return the generation of the root key at hand; 0 when it is not known."""
        return self._generation

    def holds(self, key_id: str) -> bool:
        """Tell whether the data key is at hand."""
        return key_id in self._held

    def fetch(self, key: DataKey) -> Future[None]:
        """Unwrap a stored data key and hold it, on another thread.

        Raises (through the future):
            WrongRootKey: the root key does not fit.
            RootKeyUnavailable: the keeper of the root key is away.
        """
        return self._elsewhere.submit(self._admit, key)

    def derive(self, key_id: str, context: bytes) -> bytes:
        """Derive a 32-byte key for one use, with the context as HKDF's `info`.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
        held = self._held.get(key_id)
        if held is None:
            raise KeyUnavailable("the data key of the stored value is not at hand")
        return held.extracted.digest(context + FIRST_BLOCK)

    def forget(self, key_id: str) -> None:
        """Let go of a data key that was destroyed."""
        self._held.pop(key_id, None)

    def renew(self, record: RootKeyRecord | None, keys: Sequence[DataKey]) -> None:
        """Load the root key that fits these keys, and hold all of them.

        Raises:
            WrongRootKey: the root key does not open one of them; what was held before is kept.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """
        with self._loading:
            try:
                root_key, opened = self._fitting(keys)
            except WrongRootKey as error:
                raise _explained(error, record, self._source) from error
            # The generation last: who reads it and then wraps must not wrap under an older key.
            self._root_key, self._held = root_key, self._held | opened
            self._generation = FIRST_GENERATION if record is None else record.generation

    def mint(self, purpose: KeyPurpose) -> DataKey:
        """Make a new active data key, wrapped and tried, and hold it.

        Raises:
            WrongRootKey: what was wrapped does not unwrap to the same key.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """
        key_id = self._randomness.token(8).hex()
        plain = self._randomness.token(DATA_KEY_BYTES)
        wrapped = _wrapped(self._root(), plain, key_id, purpose)
        self._held[key_id] = _Held.of(plain)
        return DataKey(
            id=key_id,
            purpose=purpose,
            state=KeyState.ACTIVE,
            created_at=self._clock.now(),
            wrapped=wrapped,
        )

    def rewrap(self, keys: Sequence[DataKey], root_key: RootKey | None = None) -> Sequence[DataKey]:
        """Return the keys wrapped under another root key, each tried before it is returned.

        Raises:
            WrongRootKey: what was wrapped does not unwrap to the same key.
            RootKeyMoved: one of the keys was destroyed meanwhile.
        """
        to = root_key or self._root()
        return [key if key.state is KeyState.DESTROYED else self._rewrap(key, to) for key in keys]

    def _rewrap(self, key: DataKey, root_key: RootKey) -> DataKey:
        """Wrap one key under another root key."""
        held = self._held.get(key.id)
        if held is None:
            raise RootKeyMoved
        return replace(key, wrapped=_wrapped(root_key, held.plain, key.id, key.purpose))

    def _root(self) -> RootKey:
        """Return the root key, loaded once."""
        with self._loading:
            if self._root_key is None:
                self._root_key = self._source.load()
            return self._root_key

    def _admit(self, key: DataKey) -> None:
        """Unwrap one key and hold it; another process may have replaced the root key."""
        try:
            self._held |= _open_all(self._root(), [key])
        except WrongRootKey:
            with self._loading:
                root_key = self._source.load()
                self._held |= _open_all(root_key, [key])
                # It opened one key only: of which generation it is, a renewal has to find out.
                self._root_key, self._generation = root_key, 0

    def _fitting(self, keys: Sequence[DataKey]) -> tuple[RootKey, dict[str, _Held]]:
        """Return the root key that opens all keys, and what they hold.

        A successor that lies ready, from a rotation that was stopped after its transaction, is
        adopted when it fits and the key before does not.
        """
        root_key = self._source.load()
        try:
            return root_key, _open_all(root_key, keys)
        except WrongRootKey:
            if not isinstance(self._source, RootKeySuccession):
                raise
            successor = self._source.proposed()
            if successor is None:
                raise
        opened = _open_all(successor, keys)
        self._source.adopt(successor)
        return successor, opened


def _explained(
    error: WrongRootKey, record: RootKeyRecord | None, source: RootKeySource
) -> WrongRootKey:
    """Add where the root key is known to be, and since when."""
    if record is None:
        return error
    place = f"at {record.source}"
    if record.source == source.uri:
        place = "that lay at this same place, and not under the one that is there now"
    return WrongRootKey(
        f"{error}; since {record.since:%Y-%m-%d %H:%M} UTC this store has been under the root key"
        f" {place}"
    )


def _open_all(root_key: RootKey, keys: Sequence[DataKey]) -> dict[str, _Held]:
    """Unwrap every key that is not destroyed."""
    return {
        key.id: _Held.of(_open(root_key, key))
        for key in keys
        if key.state is not KeyState.DESTROYED
    }


def _open(root_key: RootKey, key: DataKey) -> bytes:
    """Unwrap one key."""
    form = _SECOND if key.is_of_second_form else _FIRST
    plain = root_key.unwrap(
        key.wrapped.removeprefix(SECOND_FORM), context=_wrap_context(form, key.id, key.purpose)
    )
    if len(plain) != DATA_KEY_BYTES:
        raise WrongRootKey("a stored data key has the wrong length")
    return plain


def _wrapped(root_key: RootKey, plain: bytes, key_id: str, purpose: KeyPurpose) -> str:
    """Wrap a data key, and see that it comes back: what it seals depends on that for ever."""
    context = _wrap_context(_SECOND, key_id, purpose)
    wrapped = root_key.wrap(plain, context=context)
    if not hmac.compare_digest(root_key.unwrap(wrapped, context=context), plain):
        raise WrongRootKey(
            f"the root key ({root_key.source}) does not give back what it wrapped, nothing was"
            " changed"
        )
    return f"{SECOND_FORM}{wrapped}"


def _wrap_context(form: str, key_id: str, purpose: KeyPurpose) -> bytes:
    """Bind a wrapped data key to its form, id and purpose, so that no rows can be exchanged."""
    return f"strongroom/{form}/{_WRAP_CONTEXTS[purpose]}/{key_id}".encode()
