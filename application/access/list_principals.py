"""Looking over principals."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.page import Page
from domain.access.principal import Principal
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A principal and the names of the roles that it holds."""

    principal: Principal
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrincipals:
    """Ask for one page, behind the name of a principal."""

    after: str = ""
    page: Page = field(default_factory=Page)


class ListPrincipalsUseCase(RightsUseCase[ListPrincipals, Sequence[Holder]]):
    """Returns the page with everybody's roles."""

    action = Action.LIST_PRINCIPALS
    changes = False

    def perform_for(
        self, rights: Rights, command: ListPrincipals, secret: Secret | None, session: Session
    ) -> Done[Sequence[Holder]]:
        """Return the page."""
        principals = session.principals.page(after=command.after, limit=command.page.limit)
        holders = [holder(principal, session) for principal in principals]
        subject = Subject(reference=f"{len(holders)} principals listed")
        return Done(result=holders, subject=subject)


def holder(principal: Principal, session: Session) -> Holder:
    """Return a principal with its roles."""
    return Holder(principal=principal, roles=tuple(session.bindings.roles_of(principal.name)))
