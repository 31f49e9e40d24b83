"""Making a role."""

from dataclasses import dataclass

from application.access.handing_out import require_cover
from application.access.standing import find_role
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.access.role import Role
from domain.audit.event import Subject
from domain.audit.facts import facts_of_role
from domain.errors import AlreadyThere, InvalidInput
from domain.ports.storage import Session
from domain.secrets.secret import Secret

MAX_ROLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole:
    """Ask for a new role."""

    role: Role


class CreateRoleUseCase(RightsUseCase[CreateRole, Role]):
    """Keeps a role that allows no more than its maker holds."""

    action = Action.CREATE_ROLE
    changes = True

    def reference(self, command: CreateRole) -> str:
        """Return which role."""
        return f"role {command.role.name}"

    def perform_for(
        self, rights: Rights, command: CreateRole, secret: Secret | None, session: Session
    ) -> Done[Role]:
        """Keep it.

        Raises:
            AlreadyThere: there is a role of this name.
            Denied: it allows what the caller does not hold.
            InvalidInput: there are too many roles.
        """
        role = command.role
        if find_role(role.name, session) is not None:
            raise AlreadyThere("role")
        require_cover(rights, [role])
        if len(session.roles.all()) >= MAX_ROLES:
            raise InvalidInput("name", f"must not be one more: there are {MAX_ROLES} roles")
        session.roles.put(role)
        return Done(result=role, subject=about_role(role))


def about_role(role: Role) -> Subject:
    """Describe a role to the audit log, as a write has left it."""
    return Subject(reference=f"role {role.name}", facts=facts_of_role(role))
