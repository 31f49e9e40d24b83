"""Which rule decides: for one principal, or for all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.access.standing import known_principal, roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.decision import Decision
from domain.access.grant import SECRET_ACTIONS
from domain.access.page import Page
from domain.access.policy import decide, rules_of
from domain.access.principal import Principal
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.errors import InvalidInput
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAccess:
    """Ask about an action, on a name if it is one on secrets.

    Without a principal, about all: one page, behind the name of one.

    Raises:
        InvalidInput: a name is missing, or stands where there is none.
    """

    action: Action
    name: str | None = None
    principal: str | None = None
    after: str = ""
    page: Page = field(default_factory=Page)

    def __post_init__(self) -> None:
        """Refuse a question that has no answer."""
        about_name = self.action in SECRET_ACTIONS - {Action.LIST}
        if about_name and self.name is None:
            raise InvalidInput("name", "is missing; the action is one on secrets")
        if self.name is not None and not about_name:
            raise InvalidInput("name", "must not be given; the action is on no single secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What is decided for a principal, and by which rule."""

    principal: str
    decision: Decision


class ExplainAccessUseCase(RightsUseCase[ExplainAccess, Sequence[Explained]]):
    """Asks the same function that decides. Whether there is such a secret plays no part."""

    action = Action.EXPLAIN
    changes = False

    def reference(self, command: ExplainAccess) -> str:
        """Return the question."""
        return f"{command.action.value} on {command.name or 'nothing'}"[:300]

    def perform_for(
        self, rights: Rights, command: ExplainAccess, secret: Secret | None, session: Session
    ) -> Done[Sequence[Explained]]:
        """Return what is decided for whom.

        Raises:
            NotFound: there is no such principal.
        """
        names = () if command.name is None else (command.name,)
        explained = [
            Explained(
                principal=principal.name,
                decision=decide(rules_of(roles_of(principal.name, session)), command.action, names),
            )
            for principal in _principals(command, session)
        ]
        return Done(result=explained, subject=Subject(reference=self.reference(command)))


def _principals(command: ExplainAccess, session: Session) -> Sequence[Principal]:
    """Return whom the question is about."""
    if command.principal is not None:
        return [known_principal(command.principal, session)]
    return session.principals.page(after=command.after, limit=command.page.limit)
