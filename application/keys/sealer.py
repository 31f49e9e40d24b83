"""Sealing and opening values: the one place where keys, ciphers and stored forms meet."""

from collections.abc import Mapping
from functools import partial

from application.absent import Absent
from domain.errors import KeyUnavailable, UnknownFormat
from domain.keys.data_key import DataKey, KeyState
from domain.keys.seal import SealedValue, seal_context
from domain.ports.cipher import Cipher
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session
from domain.secrets.value import SecretValue


class KeyAbsent(Absent):
    """A data key is in the store but not at hand yet."""

    def __init__(self, key: DataKey, key_ring: KeyRing) -> None:
        super().__init__(
            "the data key of the stored value cannot be unwrapped now",
            what=key.id,
            fetch=partial(key_ring.fetch, key),
        )
        self.key = key


class Sealer:
    """Seals new values with the preferred cipher, and opens whatever any known cipher sealed."""

    def __init__(self, *, key_ring: KeyRing, ciphers: Mapping[str, Cipher], preferred: str) -> None:
        """Take the ciphers by name; `preferred` must be one of them."""
        self._key_ring = key_ring
        self._ciphers = ciphers
        self._preferred = self._ciphers[preferred]

    @property
    def cipher(self) -> str:
        """Return the name of the cipher that seals new values."""
        return self._preferred.name

    def seal(self, value: SecretValue, *, uid: bytes, version: int, session: Session) -> str:
        """Seal a value for exactly this secret and version, and return the stored form.

        The active key is read in the same transaction, so a rotation is followed at once.

        Raises:
            KeyUnavailable: the store has no active data key.
            KeyAbsent: it is not at hand yet.
        """
        key = session.data_keys.active()
        if key is None:
            raise KeyUnavailable("the store has no active data key")
        if not self._key_ring.holds(key.id):
            raise KeyAbsent(key, self._key_ring)
        return self.seal_under(
            key.id, value.reveal().encode(), cipher=self.cipher, uid=uid, version=version
        )

    def seal_under(
        self, key_id: str, plaintext: bytes, *, cipher: str, uid: bytes, version: int
    ) -> str:
        """Seal a plaintext under a data key that is held, and return the stored form.

        Raises:
            UnknownFormat: the cipher is unknown to this version.
            KeyUnavailable: the data key is not at hand.
        """
        context = seal_context(cipher=cipher, uid=uid, version=version)
        key = self._key_ring.derive(key_id, context)
        token = self._known(cipher).seal(plaintext, key=key, context=context)
        return SealedValue(key_id=key_id, cipher=cipher, token=token).render()

    def open(self, stored: str, *, uid: bytes, version: int, session: Session) -> SecretValue:
        """Return the value that was sealed for exactly this secret and version.

        Raises:
            SealBroken: it does not authenticate: damaged, or sealed for another place.
            UnknownFormat: the stored form or its cipher is unknown to this version.
            KeyUnavailable: its data key is not in the store, or destroyed.
            KeyAbsent: its data key is not at hand yet.
        """
        sealed = SealedValue.parse(stored)
        if not self._key_ring.holds(sealed.key_id):
            raise KeyAbsent(known_key(sealed.key_id, session), self._key_ring)
        return SecretValue(self.open_held(sealed, uid=uid, version=version).decode())

    def open_held(self, sealed: SealedValue, *, uid: bytes, version: int) -> bytes:
        """Return the plaintext of a value whose data key is held.

        Raises:
            SealBroken: it does not authenticate: damaged, or sealed for another place.
            UnknownFormat: its cipher is unknown to this version.
            KeyUnavailable: its data key is not at hand.
        """
        cipher = self._known(sealed.cipher)
        context = seal_context(cipher=cipher.name, uid=uid, version=version)
        return cipher.open(
            sealed.token, key=self._key_ring.derive(sealed.key_id, context), context=context
        )

    def _known(self, name: str) -> Cipher:
        """Return a cipher.

        Raises:
            UnknownFormat: it is unknown to this version.
        """
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise UnknownFormat("the stored value names a cipher that is not known here")
        return cipher


def known_key(key_id: str, session: Session) -> DataKey:
    """Return the stored data key of a value.

    Raises:
        KeyUnavailable: there is none, or it was destroyed.
    """
    key = session.data_keys.find(key_id)
    if key is None:
        raise KeyUnavailable("the data key of the stored value is not in this store")
    if key.state is KeyState.DESTROYED:
        raise KeyUnavailable("the data key of the stored value was destroyed")
    return key
