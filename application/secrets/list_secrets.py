"""Looking over many secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSecrets:
    """Ask for one page."""

    listing: Listing = field(default_factory=Listing)


class ListSecretsUseCase(UseCase[ListSecrets, Sequence[Secret]]):
    """Returns the page as the store finds it."""

    action = Action.LIST
    changes = False

    def locate(self, command: ListSecrets, session: Session) -> None:
        """Find nothing: a list is about no single secret."""

    def perform(
        self, command: ListSecrets, secret: Secret | None, session: Session
    ) -> Done[Sequence[Secret]]:
        """Return the page."""
        page = session.catalogue.page(command.listing)
        return Done(result=page, subject=Subject(reference=f"{len(page)} listed"))
