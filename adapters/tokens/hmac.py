"""HMAC-SHA256 (RFC 2104) under a key that is derived from a data key of its own purpose."""

from adapters.hmac_sha256 import HmacSha256
from domain.access.credential import Credential
from domain.ports.key_ring import KeyRing
from domain.ports.token_hasher import TokenHasher

CONTEXT = b"strongroom/token/hmac-sha256"
"""What a data key of the purpose `token` is derived with into the key of the hash."""


class HmacTokenHasher(TokenHasher):
    """Hashes once. A slow hash is for what people think up; a token has 256 random bits."""

    def __init__(self, *, key_ring: KeyRing) -> None:
        """Take the ring that holds the data key."""
        self._key_ring = key_ring
        self._derived: tuple[str, HmacSha256] = ("", HmacSha256(b""))

    def digest(self, credential: Credential, *, key_id: str) -> bytes:
        """Return the keyed hash of a token.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
        return self._key(key_id).digest(credential.reveal().encode("utf-8", "surrogatepass"))

    def _key(self, key_id: str) -> HmacSha256:
        """Return the key of the hash. The last one is kept for as long as its data key is held.

        Every call needs it, and whoever could read it here could read the data key as well.
        """
        known, key = self._derived
        if known != key_id or not self._key_ring.holds(key_id):
            key = HmacSha256(self._key_ring.derive(key_id, CONTEXT))
            self._derived = (key_id, key)
        return key
