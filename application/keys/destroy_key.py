"""Destroying a data key that nothing needs any more."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.errors import KeyNeeded, NotFound
from domain.keys.data_key import DataKey, KeyState
from domain.ports.clock import Clock
from domain.ports.key_ring import KeyRing
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyKey:
    """Ask for a data key to be erased for good."""

    key_id: str


class DestroyKeyUseCase(UseCase[DestroyKey, DataKey]):
    """Erases the wrapped key and keeps the fact that there was one."""

    action = Action.DESTROY_KEY
    changes = True

    def __init__(self, *, clock: Clock, key_ring: KeyRing) -> None:
        """Take what dates, and the ring that has to let go of the key."""
        self._clock = clock
        self._key_ring = key_ring

    def locate(self, command: DestroyKey, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def reference(self, command: DestroyKey) -> str:
        """Return the id of the key, as far as it can be one."""
        return f"key {command.key_id[:16]}"

    def perform(
        self, command: DestroyKey, secret: Secret | None, session: Session
    ) -> Done[DataKey]:
        """Destroy it.

        Raises:
            NotFound: there is no such key.
            KeyNeeded: it is active, or a rotation runs that may still meet it, or a value is
                sealed under it.
        """
        key = session.data_keys.find(command.key_id)
        if key is None or key.state is KeyState.DESTROYED:
            raise NotFound("key")
        if key.state is KeyState.ACTIVE:
            raise KeyNeeded("the key is active, rotate first")
        if session.rotations.running() is not None:
            raise KeyNeeded("a rotation runs, wait until it has ended")
        needed = session.sealed_values.count_under(key.id)
        if needed:
            raise KeyNeeded(f"{needed} values are still sealed under the key, rotate first")
        gone = key.destroyed(self._clock.now())
        session.data_keys.replace(gone)
        self._key_ring.forget(key.id)
        return Done(result=gone, subject=Subject(reference=f"key {key.id}"))
