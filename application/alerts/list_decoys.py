"""Looking over the tripwires."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.decoys import Decoy
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDecoys:
    """Ask for all of them."""


class ListDecoysUseCase(RightsUseCase[ListDecoys, Sequence[Decoy]]):
    """Returns them by name. Nothing else tells a tripwire from another secret."""

    action = Action.LIST_DECOYS
    changes = False

    def perform_for(
        self, rights: Rights, command: ListDecoys, secret: Secret | None, session: Session
    ) -> Done[Sequence[Decoy]]:
        """Return them."""
        decoys = session.decoys.all()
        return Done(result=decoys, subject=Subject(reference=f"{len(decoys)} decoys"))
