"""The first administrator: made by whoever holds the key folder, never over HTTP."""

from dataclasses import dataclass, replace

from application.access.create_token import about_token
from application.access.mint_token import Minted, MintToken, TokenLimits
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.built_in import ADMINISTRATOR
from domain.access.principal import Principal, PrincipalKind
from domain.access.rights import Rights
from domain.errors import AlreadyThere
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret

FIRST_NAME = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeFirstAdministrator:
    """Ask for an administrator where there is none.

    `again` asks for one more token of `admin` where there is one: the way back for whoever has
    lost theirs.
    """

    again: bool = False


class MakeFirstAdministratorUseCase(RightsUseCase[MakeFirstAdministrator, Minted]):
    """Keeps the principal `admin`, binds it to `administrator`, and makes a token."""

    action = Action.FIRST_ADMINISTRATOR
    changes = True

    def __init__(self, *, mint: MintToken, clock: Clock) -> None:
        """Take what makes tokens and what dates."""
        self._mint = mint
        self._clock = clock

    def perform_for(
        self,
        rights: Rights,
        command: MakeFirstAdministrator,
        secret: Secret | None,
        session: Session,
    ) -> Done[Minted]:
        """Make it, or one more token.

        Raises:
            AlreadyThere: there is an administrator, and no other token was asked for.
        """
        if session.bindings.holders(ADMINISTRATOR) and not command.again:
            raise AlreadyThere(ADMINISTRATOR)
        if session.principals.find(FIRST_NAME) is None:
            session.principals.add(
                Principal(name=FIRST_NAME, kind=PrincipalKind.PERSON, created_at=self._clock.now())
            )
        session.bindings.bind(FIRST_NAME, [ADMINISTRATOR])
        minted = self._mint(
            FIRST_NAME,
            TokenLimits(description="first administrator"),
            by=rights.principal,
            session=session,
        )
        kept = session.tokens.add(minted.token)
        return Done(result=replace(minted, token=kept), subject=about_token(kept))
