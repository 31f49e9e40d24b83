"""Trying whether one stored value opens."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.keys.sealer import Sealer
from domain.errors import StrongroomError, UnknownFormat
from domain.health.tally import Fault
from domain.keys.data_key import KeyState
from domain.keys.seal import UID_BYTES, SealedValue, is_bare_token
from domain.ports.cipher import Cipher
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """What opens values where the root key fits: a sealer, and the ring that it works with."""

    sealer: Sealer
    key_ring: KeyRing


class OpenValue:
    """Says what is wrong with a stored value, and forgets what was in it."""

    def __init__(
        self, *, storage: Storage, ciphers: Mapping[str, Cipher], opener: Opener | None
    ) -> None:
        """Take what opens values.

        Args:
            storage: where data keys are looked up.
            ciphers: every known cipher, by name.
            opener: `None` without a root key that fits; then only the stored form is looked at.
        """
        self._storage = storage
        self._ciphers = ciphers
        self._opener = opener
        self._shut = set[str]()

    def __call__(self, stored: str, *, uid: bytes, version: int) -> Fault | None:
        """Return what is wrong, or `None`."""
        # A forged row may hold bytes or numbers in a column of text, and a uid of any length.
        if not isinstance(stored, str) or len(uid) != UID_BYTES:
            return Fault.UNKNOWN_FORMAT
        try:
            sealed = SealedValue.parse(stored)
        except UnknownFormat:
            return Fault.BARE_TOKEN if is_bare_token(stored) else Fault.UNKNOWN_FORMAT
        if sealed.cipher not in self._ciphers:
            return Fault.UNKNOWN_CIPHER
        if self._opener is None:
            return None
        if not self._has(sealed.key_id, self._opener.key_ring):
            return Fault.KEY_GONE
        return _opened(self._opener.sealer, sealed, uid=uid, version=version)

    def _has(self, key_id: str, key_ring: KeyRing) -> bool:
        """Have a data key at hand, also one that was made since the walk began."""
        if key_ring.holds(key_id):
            return True
        key = self._storage.read(lambda session: session.data_keys.find(key_id)).result()
        if key is None or key.state is KeyState.DESTROYED or key_id in self._shut:
            return False
        try:
            key_ring.fetch(key).result()
        except StrongroomError:
            # Asked once only: the keeper of the root key may be far away.
            self._shut.add(key_id)
            return False
        return True


def _opened(sealer: Sealer, sealed: SealedValue, *, uid: bytes, version: int) -> Fault | None:
    """Open a value, and say how that went."""
    try:
        text = sealer.open_held(sealed, uid=uid, version=version).decode()
    except UnknownFormat:  # a package offers the cipher, but cannot be loaded
        return Fault.UNKNOWN_CIPHER
    except (StrongroomError, ValueError, OverflowError):
        return Fault.SEAL_BROKEN
    return None if text else Fault.EMPTY
