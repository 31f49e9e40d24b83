"""Looking over many secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret
from domain.secrets.summary import SecretSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSecrets:
    """Ask for one page."""

    listing: Listing = field(default_factory=Listing)


class ListSecretsUseCase(RightsUseCase[ListSecrets, Sequence[SecretSummary]]):
    """Returns the page as the store finds it among the names that the caller may see."""

    action = Action.LIST
    changes = False

    def perform_for(
        self, rights: Rights, command: ListSecrets, secret: Secret | None, session: Session
    ) -> Done[Sequence[SecretSummary]]:
        """Return the page."""
        page = session.catalogue.summaries(replace(command.listing, names=rights.seen()))
        return Done(result=page, subject=Subject(reference=f"{len(page)} listed"))
