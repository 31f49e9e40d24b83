"""Giving a principal roles, and taking them away."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.access.create_principal import about_holder
from application.access.handing_out import require_another, require_cover
from application.access.list_principals import Holder, holder
from application.access.standing import known_principal, known_roles, roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class BindRoles:
    """Ask for a principal to hold exactly these roles."""

    principal: str
    roles: Sequence[str]


class BindRolesUseCase(RightsUseCase[BindRoles, Holder]):
    """Binds somebody else, whose rights the caller holds before and after.

    To take a role away can be to give rights: a role may deny.
    """

    action = Action.BIND_ROLES
    changes = True

    def reference(self, command: BindRoles) -> str:
        """Return which principal."""
        return f"principal {command.principal}"[:300]

    def perform_for(
        self, rights: Rights, command: BindRoles, secret: Secret | None, session: Session
    ) -> Done[Holder]:
        """Bind it.

        Raises:
            NotFound: there is no such principal.
            InvalidInput: a role is not there.
            Denied: it is the caller, or may do or could do what the caller may not.
        """
        principal = known_principal(command.principal, session)
        roles = known_roles(command.roles, session)
        require_another(rights, [principal.name])
        require_cover(rights, roles_of(principal.name, session), roles)
        session.bindings.bind(principal.name, [role.name for role in roles])
        bound = holder(principal, session)
        return Done(result=bound, subject=about_holder(bound))
