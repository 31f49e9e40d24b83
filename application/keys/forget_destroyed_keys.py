"""Letting go of keys that another process destroyed."""

from domain.keys.data_key import KeyState
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Storage


class ForgetDestroyedKeys:
    """Takes destroyed keys off the ring of this process."""

    def __init__(self, *, storage: Storage, key_ring: KeyRing) -> None:
        """Take where to look, and the ring."""
        self._storage = storage
        self._key_ring = key_ring

    def __call__(self) -> None:
        """Look, and let go."""
        for key in self._storage.read(lambda session: session.data_keys.all()).result():
            if key.state is KeyState.DESTROYED:
                self._key_ring.forget(key.id)
