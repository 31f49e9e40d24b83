"""Taking in a person or a service."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.access.handing_out import require_cover
from application.access.list_principals import Holder, holder
from application.access.standing import known_roles
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.principal import Principal, PrincipalKind
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.audit.facts import facts_of_principal
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePrincipal:
    """Ask for a new principal with roles."""

    name: str
    kind: PrincipalKind
    roles: Sequence[str] = ()


class CreatePrincipalUseCase(RightsUseCase[CreatePrincipal, Holder]):
    """Keeps a principal that may do no more than who takes it in."""

    action = Action.CREATE_PRINCIPAL
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates."""
        self._clock = clock

    def reference(self, command: CreatePrincipal) -> str:
        """Return which principal."""
        return f"principal {command.name}"[:300]

    def perform_for(
        self, rights: Rights, command: CreatePrincipal, secret: Secret | None, session: Session
    ) -> Done[Holder]:
        """Keep it.

        Raises:
            InvalidInput: the name cannot be one, or a role is not there.
            Denied: the roles allow what the caller does not hold.
            AlreadyThere: there is a principal of this name.
        """
        principal = Principal(name=command.name, kind=command.kind, created_at=self._clock.now())
        roles = known_roles(command.roles, session)
        require_cover(rights, roles)
        session.principals.add(principal)
        session.bindings.bind(principal.name, [role.name for role in roles])
        kept = holder(principal, session)
        return Done(result=kept, subject=about_holder(kept))


def about_holder(of: Holder) -> Subject:
    """Describe a principal and its roles to the audit log."""
    text = f"principal {of.principal.name}: {', '.join(of.roles) or 'no roles'}"
    return Subject(reference=text[:300], facts=facts_of_principal(of.principal.name, of.roles))
