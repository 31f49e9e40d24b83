"""Unbinding claims."""

from dataclasses import dataclass

from application.access.claim_bindings import about_binding, require_reach
from application.access.handing_out import require_cover
from application.access.standing import known_roles
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.built_in import ADMINISTRATOR
from domain.access.claim_binding import ClaimBinding
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.errors import NotFound, UnknownFormat
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBinding:
    """Ask for a binding to be gone."""

    number: int


class RemoveBindingUseCase(RightsUseCase[RemoveBinding, ClaimBinding | None]):
    """Erases a binding, also one of an issuer that the settings have no more.

    One that cannot be read may deny something to anybody, so whoever may do everything may erase
    it. Until then nobody comes in whom it is found by.
    """

    action = Action.REMOVE_BINDING
    changes = True

    def reference(self, command: RemoveBinding) -> str:
        """Return which binding."""
        return f"binding {command.number}"

    def perform_for(
        self, rights: Rights, command: RemoveBinding, secret: Secret | None, session: Session
    ) -> Done[ClaimBinding | None]:
        """Erase it, and return it if it could be read.

        Raises:
            NotFound: there is no such binding.
            Denied: it is for the caller, or for somebody who may do what the caller may not.
        """
        try:
            binding = session.claim_bindings.find(command.number)
        except UnknownFormat:
            return _unread(rights, command.number, session)
        if binding is None:
            raise NotFound("binding")
        require_reach(rights, binding, session)
        session.claim_bindings.remove(binding.id)
        return Done(result=binding, subject=about_binding(binding))


def _unread(rights: Rights, number: int, session: Session) -> Done[ClaimBinding | None]:
    """Erase a binding that cannot be read."""
    require_cover(rights, known_roles([ADMINISTRATOR], session))
    session.claim_bindings.remove(number)
    subject = Subject(reference=f"binding {number}: it could not be read")
    return Done(result=None, subject=subject)
