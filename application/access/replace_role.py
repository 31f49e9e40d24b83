"""Changing what a role allows."""

from dataclasses import dataclass

from application.access.claim_bindings import bindings_of, reached
from application.access.create_role import about_role
from application.access.handing_out import require_cover, require_unheld
from application.access.standing import roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.built_in import BUILT_IN
from domain.access.rights import Rights
from domain.access.role import Role
from domain.errors import InvalidInput, NotFound
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRole:
    """Ask for a role to be as given, whatever it was."""

    role: Role


class ReplaceRoleUseCase(RightsUseCase[ReplaceRole, Role]):
    """Writes the role, if nobody's rights grow beyond those of the caller by it."""

    action = Action.REPLACE_ROLE
    changes = True

    def reference(self, command: ReplaceRole) -> str:
        """Return which role."""
        return f"role {command.role.name}"

    def perform_for(
        self, rights: Rights, command: ReplaceRole, secret: Secret | None, session: Session
    ) -> Done[Role]:
        """Write it.

        Raises:
            NotFound: there is no such role.
            InvalidInput: it is built in.
            Denied: the caller is bound to it, or it, or somebody who is bound to it, may do or
                could do what the caller may not.
        """
        role = command.role
        before = changeable_role(role.name, session)
        holders = session.bindings.holders(role.name)
        require_unheld(rights, role)
        require_cover(rights, [before], [role])
        bound = [item for item in bindings_of(session) if role.name in item.roles]
        for held in (
            *(roles_of(holder, session) for holder in holders),
            *(roles for binding in bound for roles in reached(binding, session)),
        ):
            after = [role if other.name == role.name else other for other in held]
            require_cover(rights, held, after)
        session.roles.put(role)
        return Done(result=role, subject=about_role(role))


def changeable_role(name: str, session: Session) -> Role:
    """Return a role that is not built in.

    Raises:
        NotFound: there is no such role.
        InvalidInput: it is built in.
    """
    if name in BUILT_IN:
        raise InvalidInput("name", "must be that of a role that is not built in")
    role = session.roles.find(name)
    if role is None:
        raise NotFound("role")
    return role
