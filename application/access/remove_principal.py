"""Letting a person or a service go."""

from dataclasses import dataclass

from application.access.create_principal import about_holder
from application.access.handing_out import require_another, require_cover
from application.access.list_principals import Holder, holder
from application.access.standing import known_principal, roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePrincipal:
    """Ask for a principal to be gone."""

    name: str


class RemovePrincipalUseCase(RightsUseCase[RemovePrincipal, Holder]):
    """Erases somebody else, with tokens and bindings. The audit log keeps the name."""

    action = Action.REMOVE_PRINCIPAL
    changes = True

    def reference(self, command: RemovePrincipal) -> str:
        """Return which principal."""
        return f"principal {command.name}"[:300]

    def perform_for(
        self, rights: Rights, command: RemovePrincipal, secret: Secret | None, session: Session
    ) -> Done[Holder]:
        """Erase it.

        Raises:
            NotFound: there is no such principal.
            Denied: it is the caller, or may do what the caller may not.
        """
        principal = known_principal(command.name, session)
        require_another(rights, [principal.name])
        require_cover(rights, roles_of(principal.name, session))
        gone = holder(principal, session)
        session.principals.remove(principal.name)
        return Done(result=gone, subject=about_holder(gone))
