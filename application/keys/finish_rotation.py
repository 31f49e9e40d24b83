"""Ending a data-key rotation, with a receipt."""

from dataclasses import dataclass, replace

from application.keys.start_rotation import subject_of
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.errors import Broken, LostRace, NotFound
from domain.keys.data_key import KeyPurpose
from domain.keys.rotation import Rotation, receipt_text
from domain.ports.clock import Clock
from domain.ports.signer import Signer
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRotation:
    """Ask for the end of a rotation.

    `unreadable` is how many values were seen not to open, in a pass in which nothing else was
    left.
    """

    rotation_id: int
    unreadable: int


class FinishRotationUseCase(UseCase[FinishRotation, Rotation]):
    """Looks once more, in the transaction itself, that nothing is left; then signs."""

    action = Action.FINISH_ROTATION
    changes = True

    def __init__(self, *, clock: Clock, signer: Signer) -> None:
        """Take what dates and what signs."""
        self._clock = clock
        self._signer = signer

    def locate(self, command: FinishRotation, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: FinishRotation, secret: Secret | None, session: Session
    ) -> Done[Rotation]:
        """Write the receipt.

        Raises:
            LostRace: another process has ended it, or more is left than does not open.
            NotFound: there is no such rotation.
        """
        rotation = session.rotations.find(command.rotation_id)
        if rotation is None:
            raise NotFound("rotation")
        left = sum(session.sealed_values.count_under(key_id) for key_id in rotation.old_keys)
        if not rotation.is_running or left != command.unreadable:
            raise LostRace
        signing = session.data_keys.active(KeyPurpose.SIGN)
        if signing is None:
            raise Broken("the store has no signing key")
        finished = rotation.finished(at=self._clock.now(), unreadable=left)
        receipt = self._signer.sign(receipt_text(finished), key_id=signing.id)
        finished = replace(finished, receipt=receipt)
        session.rotations.replace(finished)
        return Done(result=finished, subject=subject_of(finished))
