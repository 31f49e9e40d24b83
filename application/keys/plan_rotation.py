"""The first half of beginning a data-key rotation: may it be done, and is it under way already."""

from dataclasses import dataclass

from application.keys.start_rotation import subject_of
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.keys.rotation import Rotation
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRotation:
    """Ask for a new data key to be minted, which may mean asking a key service far away."""


class PlanRotationUseCase(UseCase[PlanRotation, Rotation | None]):
    """Returns the rotation that runs, which is then joined; `None` when a key has to be minted."""

    action = Action.PLAN_ROTATION
    changes = False

    def locate(self, command: PlanRotation, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: PlanRotation, secret: Secret | None, session: Session
    ) -> Done[Rotation | None]:
        """Look."""
        running = session.rotations.running()
        subject = Subject(reference="no rotation runs") if running is None else subject_of(running)
        return Done(result=running, subject=subject)
