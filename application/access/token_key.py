"""The key that tokens are hashed with."""

from application.keys.sealer import KeyAbsent
from domain.errors import Broken
from domain.keys.data_key import DataKey, KeyPurpose
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session


def token_key(session: Session, key_ring: KeyRing) -> DataKey:
    """Return the data key of tokens, which is at hand.

    Raises:
        KeyAbsent: it has to be fetched first; the gate does that.
        Broken: the store has none.
    """
    key = session.data_keys.active(KeyPurpose.TOKEN)
    if key is None:
        raise Broken("the store has no key for tokens")
    if not key_ring.holds(key.id):
        raise KeyAbsent(key, key_ring)
    return key
