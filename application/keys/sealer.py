"""Sealing and opening values: the one place where keys, ciphers and stored forms meet."""

from collections.abc import Mapping

from domain.errors import KeyUnavailable, UnknownFormat
from domain.keys.seal import SealedValue, seal_context
from domain.ports.cipher import Cipher
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session
from domain.secrets.value import SecretValue


class Sealer:
    """Seals new values with the preferred cipher, and opens whatever any known cipher sealed."""

    def __init__(self, *, key_ring: KeyRing, ciphers: Mapping[str, Cipher], preferred: str) -> None:
        """Take the ciphers by name; `preferred` must be one of them."""
        self._key_ring = key_ring
        self._ciphers = dict(ciphers)
        self._preferred = self._ciphers[preferred]

    def seal(self, value: SecretValue, *, uid: bytes, version: int, session: Session) -> str:
        """Seal a value for exactly this secret and version, and return the stored form.

        The active key is read in the same transaction, so a rotation is followed at once.

        Raises:
            KeyUnavailable: the store has no active data key.
        """
        key = session.data_keys.active()
        if key is None:
            raise KeyUnavailable("the store has no active data key")
        if not self._key_ring.holds(key.id):
            self._key_ring.admit(key)
        cipher = self._preferred
        context = seal_context(cipher=cipher.name, uid=uid, version=version)
        token = cipher.seal(
            value.reveal().encode(),
            key=self._key_ring.record_key(key.id, context),
            context=context,
        )
        return SealedValue(key_id=key.id, cipher=cipher.name, token=token).render()

    def open(self, stored: str, *, uid: bytes, version: int, session: Session) -> SecretValue:
        """Return the value that was sealed for exactly this secret and version.

        Raises:
            SealBroken: it does not authenticate: damaged, or sealed for another place.
            UnknownFormat: the stored form or its cipher is unknown to this version.
            KeyUnavailable: its data key is not in the store, or destroyed.
        """
        sealed = SealedValue.parse(stored)
        cipher = self._ciphers.get(sealed.cipher)
        if cipher is None:
            raise UnknownFormat("the stored value names a cipher that is not known here")
        self._fetch(sealed.key_id, session)
        context = seal_context(cipher=cipher.name, uid=uid, version=version)
        plaintext = cipher.open(
            sealed.token, key=self._key_ring.record_key(sealed.key_id, context), context=context
        )
        return SecretValue(plaintext.decode())

    def _fetch(self, key_id: str, session: Session) -> None:
        """Make sure that the data key is at hand."""
        if self._key_ring.holds(key_id):
            return
        key = session.data_keys.find(key_id)
        if key is None:
            raise KeyUnavailable("the data key of the stored value is not in this store")
        self._key_ring.admit(key)
