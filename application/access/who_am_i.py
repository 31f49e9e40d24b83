"""Asking who one is taken for."""

from dataclasses import dataclass

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmI:
    """Ask for one's own rights."""


class WhoAmIUseCase(RightsUseCase[WhoAmI, Rights]):
    """Returns the rights under which everything else would be decided."""

    action = Action.WHO_AM_I
    changes = False

    def perform_for(
        self, rights: Rights, command: WhoAmI, secret: Secret | None, session: Session
    ) -> Done[Rights]:
        """Return the rights."""
        return Done(result=rights, subject=Subject(reference=f"principal {rights.principal}"))
