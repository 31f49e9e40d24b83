"""Unbinding claims."""

from dataclasses import dataclass

from application.access.claim_bindings import about_binding, require_reach
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.claim_binding import ClaimBinding
from domain.access.rights import Rights
from domain.errors import NotFound
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBinding:
    """Ask for a binding to be gone."""

    number: int


class RemoveBindingUseCase(RightsUseCase[RemoveBinding, ClaimBinding]):
    """Erases a binding, also one of an issuer that the settings have no more."""

    action = Action.REMOVE_BINDING
    changes = True

    def reference(self, command: RemoveBinding) -> str:
        """Return which binding."""
        return f"binding {command.number}"

    def perform_for(
        self, rights: Rights, command: RemoveBinding, secret: Secret | None, session: Session
    ) -> Done[ClaimBinding]:
        """Erase it.

        Raises:
            NotFound: there is no such binding.
            Denied: it is for the caller, or for somebody who may do what the caller may not.
        """
        binding = session.claim_bindings.find(command.number)
        if binding is None:
            raise NotFound("binding")
        require_reach(rights, binding, session)
        session.claim_bindings.remove(binding.id)
        return Done(result=binding, subject=about_binding(binding))
