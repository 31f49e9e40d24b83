"""Looking at one rotation: how far it is, or its receipt."""

from dataclasses import dataclass

from application.keys.start_rotation import subject_of
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.errors import NotFound
from domain.keys.rotation import Rotation
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRotation:
    """Ask for the rotation with this id."""

    rotation_id: int


class ReadRotationUseCase(UseCase[ReadRotation, Rotation]):
    """Returns the rotation as it is."""

    action = Action.READ_ROTATION
    changes = False

    def locate(self, command: ReadRotation, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: ReadRotation, secret: Secret | None, session: Session
    ) -> Done[Rotation]:
        """Return it.

        Raises:
            NotFound: there is no such rotation.
        """
        rotation = session.rotations.find(command.rotation_id)
        if rotation is None:
            raise NotFound("rotation")
        return Done(result=rotation, subject=subject_of(rotation))
