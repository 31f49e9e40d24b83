"""Beginning a data-key rotation: from here on new values use the new key."""

from dataclasses import dataclass
from datetime import datetime

from application.keys.sealer import Sealer
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.errors import Broken, RootKeyMoved
from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.rotation import Rotation
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRotation:
    """Ask for a new data key to take over.

    `key` was minted under the root key of `generation`, outside of any transaction, for the
    principal who asked.
    """

    key: DataKey
    generation: int
    principal: str


class StartRotationUseCase(UseCase[StartRotation, Rotation]):
    """Makes the new key the active one and the one before a retired one."""

    action = Action.START_ROTATION
    changes = True

    def __init__(self, *, sealer: Sealer, clock: Clock) -> None:
        """Take what knows the cipher of new values, and what dates."""
        self._sealer = sealer
        self._clock = clock

    def locate(self, command: StartRotation, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: StartRotation, secret: Secret | None, session: Session
    ) -> Done[Rotation]:
        """Begin, or join the rotation that runs: two that were asked for at once end as one.

        Raises:
            RootKeyMoved: the new key is wrapped under a root key that is no longer the store's.
        """
        running = session.rotations.running()
        if running is not None:
            return Done(result=running, subject=subject_of(running))
        record = session.root_keys.current()
        if record is None or record.generation != command.generation:
            raise RootKeyMoved
        now = self._clock.now()
        active = session.data_keys.active()
        if active is None:
            raise Broken("the store has no active data key")
        session.data_keys.replace(active.retired(now))
        session.data_keys.add(command.key)
        started = session.rotations.add(self._begin(command, now, session))
        return Done(result=started, subject=subject_of(started))

    def _begin(self, command: StartRotation, now: datetime, session: Session) -> Rotation:
        """Return the rotation that moves everything to the key."""
        old = tuple(
            other.id
            for other in session.data_keys.all()
            if other.purpose is KeyPurpose.SEAL and other.state is KeyState.RETIRED
        )
        return Rotation(
            new_key=command.key.id,
            old_keys=old,
            cipher=self._sealer.cipher,
            total=sum(session.sealed_values.count_under(key_id) for key_id in old),
            started_at=now,
            started_by=command.principal,
        )


def subject_of(rotation: Rotation) -> Subject:
    """Describe a rotation to the audit log."""
    state = "running" if rotation.is_running else f"{rotation.resealed} values re-sealed"
    return Subject(reference=f"rotation {rotation.id} to key {rotation.new_key}, {state}")
