"""Giving a principal a token."""

from dataclasses import dataclass, field, replace

from application.access.handing_out import require_cover, require_limits
from application.access.mint_token import Minted, MintToken, TokenLimits
from application.access.standing import known_principal, roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.access.token import Token
from domain.audit.event import Subject
from domain.audit.facts import facts_of_token
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken:
    """Ask for a token of a principal; of the caller's own when none is named."""

    principal: str | None = None
    limits: TokenLimits = field(default_factory=TokenLimits)


class CreateTokenUseCase(RightsUseCase[CreateToken, Minted]):
    """Keeps the hash and gives the token away, once."""

    action = Action.CREATE_TOKEN
    changes = True

    def __init__(self, *, mint: MintToken) -> None:
        """Take what makes tokens."""
        self._mint = mint

    def reference(self, command: CreateToken) -> str:
        """Return whose it is to be."""
        return f"token of {command.principal or 'the caller'}"[:300]

    def perform_for(
        self, rights: Rights, command: CreateToken, secret: Secret | None, session: Session
    ) -> Done[Minted]:
        """Keep it.

        Raises:
            NotFound: there is no such principal.
            Denied: it may do what the caller may not, or the token would count where the
                caller's own does not.
            InvalidInput: a limit breaks its rule.
        """
        principal = known_principal(command.principal or rights.principal, session)
        require_cover(rights, roles_of(principal.name, session))
        minted = self._mint(principal.name, command.limits, by=rights.principal, session=session)
        require_limits(rights, minted.token)
        kept = session.tokens.add(minted.token)
        return Done(result=replace(minted, token=kept), subject=about_token(kept))


def about_token(token: Token, *, revoked: bool = False) -> Subject:
    """Describe a token to the audit log, as a write has left it."""
    return Subject(
        reference=f"token {token.id} of {token.principal}",
        facts=facts_of_token(token, revoked=revoked),
    )
