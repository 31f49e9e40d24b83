"""The first half of a root-key rotation: may it be done, and what has to be wrapped anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.errors import Broken
from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRootRotation:
    """Ask for the root key to be replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootRotationPlan:
    """The root key that goes, and every data key that is wrapped under it."""

    record: RootKeyRecord
    keys: Sequence[DataKey]


class PlanRootRotationUseCase(UseCase[PlanRootRotation, RootRotationPlan]):
    """Reads what has to be wrapped. Wrapping may be slow, so it happens in between."""

    action = Action.PLAN_ROOT_ROTATION
    changes = False

    def locate(self, command: PlanRootRotation, session: Session) -> None:
        """Find nothing: keys are no secret of a name."""

    def perform(
        self, command: PlanRootRotation, secret: Secret | None, session: Session
    ) -> Done[RootRotationPlan]:
        """Return the plan."""
        record = session.root_keys.current()
        if record is None:
            raise Broken("the store has no record of its root key")
        plan = RootRotationPlan(record=record, keys=session.data_keys.all())
        return Done(result=plan, subject=Subject(reference=f"root key {record.generation}"))
