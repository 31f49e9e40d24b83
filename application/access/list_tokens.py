"""Looking over tokens, never at one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.page import Page
from domain.access.rights import Rights
from domain.access.token import Token
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTokens:
    """Ask for one page, behind the id of a token."""

    after: int = 0
    page: Page = field(default_factory=Page)


class ListTokensUseCase(RightsUseCase[ListTokens, Sequence[Token]]):
    """Returns the page as the store has it."""

    action = Action.LIST_TOKENS
    changes = False

    def perform_for(
        self, rights: Rights, command: ListTokens, secret: Secret | None, session: Session
    ) -> Done[Sequence[Token]]:
        """Return the page."""
        tokens = session.tokens.page(after=command.after, limit=command.page.limit)
        return Done(result=tokens, subject=Subject(reference=f"{len(tokens)} tokens listed"))
