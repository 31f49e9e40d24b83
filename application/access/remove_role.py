"""Removing a role."""

from dataclasses import dataclass

from application.access.claim_bindings import bindings_of
from application.access.handing_out import require_cover
from application.access.replace_role import changeable_role
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.access.role import Role
from domain.audit.event import Subject
from domain.errors import RoleInUse
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRole:
    """Ask for a role to be gone."""

    name: str


class RemoveRoleUseCase(RightsUseCase[RemoveRole, Role]):
    """Erases a role that nobody is bound to, so that nobody's rights change by it."""

    action = Action.REMOVE_ROLE
    changes = True

    def reference(self, command: RemoveRole) -> str:
        """Return which role."""
        return f"role {command.name}"[:300]

    def perform_for(
        self, rights: Rights, command: RemoveRole, secret: Secret | None, session: Session
    ) -> Done[Role]:
        """Erase it.

        Raises:
            NotFound: there is no such role.
            InvalidInput: it is built in.
            Denied: it allows what the caller does not hold.
            RoleInUse: somebody is bound to it.
        """
        role = changeable_role(command.name, session)
        require_cover(rights, [role])
        claimed = any(role.name in binding.roles for binding in bindings_of(session))
        if claimed or session.bindings.holders(role.name):
            raise RoleInUse
        session.roles.remove(role.name)
        return Done(result=role, subject=Subject(reference=f"role {role.name}"))
