"""Looking over bindings of claims."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.claim_binding import ClaimBinding
from domain.access.page import Page
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBindings:
    """Ask for one page, behind the id of a binding."""

    after: int = 0
    page: Page = field(default_factory=Page)


class ListBindingsUseCase(RightsUseCase[ListBindings, Sequence[ClaimBinding]]):
    """Returns the page as the store has it."""

    action = Action.LIST_BINDINGS
    changes = False

    def perform_for(
        self, rights: Rights, command: ListBindings, secret: Secret | None, session: Session
    ) -> Done[Sequence[ClaimBinding]]:
        """Return the page."""
        found = session.claim_bindings.page(after=command.after, limit=command.page.limit)
        return Done(result=found, subject=Subject(reference=f"{len(found)} bindings listed"))
