"""Looking over roles."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.built_in import BUILT_IN
from domain.access.rights import Rights
from domain.access.role import Role
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRoles:
    """Ask for all roles."""


class ListRolesUseCase(RightsUseCase[ListRoles, Sequence[Role]]):
    """Returns those that are built in, then those that were made."""

    action = Action.LIST_ROLES
    changes = False

    def perform_for(
        self, rights: Rights, command: ListRoles, secret: Secret | None, session: Session
    ) -> Done[Sequence[Role]]:
        """Return them."""
        roles = [*BUILT_IN.values(), *session.roles.all()]
        return Done(result=roles, subject=Subject(reference=f"{len(roles)} roles listed"))
