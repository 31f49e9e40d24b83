"""HMAC-SHA256 (RFC 2104) under a key that is derived from the data key of the purpose `audit`."""

from adapters.hmac_sha256 import HmacSha256
from domain.audit.merkle import TreeState
from domain.audit.tip import tip_text
from domain.ports.key_ring import KeyRing
from domain.ports.tip_mac import TipMac

CONTEXT = b"strongroom/audit/tip-mac"
"""What a data key is derived with into the key of the MAC. No other use has this context."""


class TipHmac(TipMac):
    """Makes one HMAC for a commit: about a microsecond."""

    def __init__(self, *, key_ring: KeyRing) -> None:
        """Take the ring that holds the data key."""
        self._key_ring = key_ring
        self._derived: tuple[str, HmacSha256] = ("", HmacSha256(b""))

    def compute(self, tree: TreeState, *, key_id: str) -> bytes:
        """Return the MAC over a tip.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """
        derived = self._derived
        # Looked at again each time: a key that was let go of must not live on here.
        if derived[0] != key_id or not self._key_ring.holds(key_id):
            derived = (key_id, HmacSha256(self._key_ring.derive(key_id, CONTEXT)))
            self._derived = derived
        return derived[1].digest(tip_text(tree))
