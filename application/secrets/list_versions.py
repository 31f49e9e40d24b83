"""Looking at the history of a secret."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from domain.secrets.version import SecretVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVersions:
    """Ask for all versions of a secret."""

    reference: SecretId


class ListVersionsUseCase(UseCase[ListVersions, Sequence[SecretVersion]]):
    """Returns the versions, oldest first, the newest included."""

    action = Action.LIST_VERSIONS
    changes = False

    def locate(self, command: ListVersions, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: ListVersions, secret: Secret | None, session: Session
    ) -> Done[Sequence[SecretVersion]]:
        """Return the history and the newest version behind it."""
        secret = found(secret)
        history = (*session.versions.history(secret.id), SecretVersion.newest_of(secret))
        return Done(result=history, subject=about(secret))
