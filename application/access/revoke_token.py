"""Having a token count no longer."""

from dataclasses import dataclass

from application.access.create_token import about_token
from application.access.handing_out import require_cover
from application.access.standing import roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.access.token import Token
from domain.errors import NotFound
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Ask for a token to count no longer."""

    number: int


class RevokeTokenUseCase(RightsUseCase[RevokeToken, Token]):
    """Marks it, for good. Every worker sees that with its next call."""

    action = Action.REVOKE_TOKEN
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates."""
        self._clock = clock

    def reference(self, command: RevokeToken) -> str:
        """Return which token."""
        return f"token {command.number}"

    def perform_for(
        self, rights: Rights, command: RevokeToken, secret: Secret | None, session: Session
    ) -> Done[Token]:
        """Mark it; once more does no harm.

        Raises:
            NotFound: there is no such token.
            Denied: its principal may do what the caller may not.
        """
        token = session.tokens.find(command.number)
        if token is None:
            raise NotFound("token")
        require_cover(rights, roles_of(token.principal, session))
        session.tokens.revoke(token.id, self._clock.now())
        return Done(result=token, subject=about_token(token, revoked=True))
