"""Having a new data key take over."""

from application.gate import Gate
from application.keys.plan_rotation import PlanRotation
from application.keys.start_rotation import StartRotation
from domain.access.caller import Caller
from domain.errors import RootKeyMoved
from domain.keys.data_key import KeyPurpose
from domain.keys.rotation import Rotation
from domain.ports.key_ring import KeyRing
from domain.ports.key_wrapper import KeyWrapper
from domain.ports.storage import Storage

ATTEMPTS = 5
"""How often to begin anew when the root key is replaced in between."""


class RotateDataKey:
    """Mints a key, outside of any transaction because that may be slow, and has it take over."""

    def __init__(
        self, *, gate: Gate, storage: Storage, key_ring: KeyRing, wrapper: KeyWrapper
    ) -> None:
        """Take the gate, where to look, and what holds and wraps keys."""
        self._gate = gate
        self._storage = storage
        self._key_ring = key_ring
        self._wrapper = wrapper

    def __call__(self, caller: Caller) -> Rotation:
        """Begin a rotation, or join the one that runs. Re-sealing is work for afterwards.

        The gate decides before a key is minted: who may not rotate cannot have the server ask a
        key service either.

        Raises:
            RootKeyMoved: the root key kept being replaced meanwhile.
            WrongRootKey: the root key does not open this store.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """
        running: Rotation | None = self._gate.run(caller, PlanRotation())
        if running is not None:
            return running
        for _ in range(ATTEMPTS):
            try:
                return self._start(caller)
            except RootKeyMoved:
                record, keys = self._storage.read(
                    lambda session: (session.root_keys.current(), session.data_keys.all())
                ).result()
                self._wrapper.renew(record, keys)
        raise RootKeyMoved

    def _start(self, caller: Caller) -> Rotation:
        """Try once; let go of a key that was minted for nothing."""
        # Read before: else a root key that another thread renews while this one wraps under the
        # one before would vouch for a data key that nothing will ever open.
        generation = self._wrapper.generation
        key = self._wrapper.mint(KeyPurpose.SEAL)
        used = False
        try:
            rotation: Rotation = self._gate.run(
                caller,
                StartRotation(key=key, generation=generation, principal=caller.principal),
            )
            used = rotation.new_key == key.id
        finally:
            if not used:
                self._key_ring.forget(key.id)
        return rotation
