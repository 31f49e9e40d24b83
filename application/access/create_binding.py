"""Binding claims to roles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from application.access.claim_bindings import (
    MAX_BINDINGS,
    about_binding,
    bindings_of,
    require_reach,
)
from application.access.standing import known_roles
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.rights import Rights
from domain.errors import InvalidInput
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBinding:
    """Ask for whoever an issuer says these claims of to hold roles."""

    issuer: str
    claims: Mapping[str, str]
    roles: Sequence[str]
    description: str | None = None


class CreateBindingUseCase(RightsUseCase[CreateBinding, ClaimBinding]):
    """Keeps a binding that lets nobody do more than who makes it."""

    action = Action.CREATE_BINDING
    changes = True

    def __init__(self, *, clock: Clock, issuers: Collection[str]) -> None:
        """Take what dates, and the names of the issuers that the settings have."""
        self._clock = clock
        self._issuers = frozenset(issuers)

    def reference(self, command: CreateBinding) -> str:
        """Return which roles."""
        return f"binding of {command.issuer} to {', '.join(command.roles)}"[:300]

    def perform_for(
        self, rights: Rights, command: CreateBinding, secret: Secret | None, session: Session
    ) -> Done[ClaimBinding]:
        """Keep it.

        Raises:
            InvalidInput: a part breaks its rule, the issuer or a role is not there, or there are
                too many bindings.
            Denied: it would be for the caller, or for somebody who may or could do what the
                caller may not.
        """
        binding = self._drawn_up(rights, command, session)
        if binding.issuer not in self._issuers:
            raise InvalidInput("issuer", "must be the name of one that the settings have")
        require_reach(rights, binding, session)
        if len(bindings_of(session)) >= MAX_BINDINGS:
            raise InvalidInput("claims", f"must not be more: there are {MAX_BINDINGS} bindings")
        kept = session.claim_bindings.add(binding)
        return Done(result=kept, subject=about_binding(kept))

    def _drawn_up(self, rights: Rights, command: CreateBinding, session: Session) -> ClaimBinding:
        """Return what is asked for, with each role once."""
        binding = ClaimBinding(
            issuer=command.issuer,
            conditions=tuple(
                ClaimCondition(claim=claim, text=text)
                for claim, text in sorted(command.claims.items())
            ),
            roles=tuple(command.roles),
            description=command.description,
            created_at=self._clock.now(),
            created_by=rights.principal,
        )
        roles = known_roles(binding.roles, session)
        return replace(binding, roles=tuple(role.name for role in roles))
