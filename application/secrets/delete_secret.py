"""Putting a secret into the recycle bin."""

from dataclasses import dataclass, replace

from application.secrets.subjects import written
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSecret:
    """Ask for a secret to be put away."""

    reference: SecretId


class DeleteSecretUseCase(UseCase[DeleteSecret, Secret]):
    """Frees the name; the secret can be brought back for 30 days."""

    action = Action.DELETE
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates the deletion."""
        self._clock = clock

    def locate(self, command: DeleteSecret, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: DeleteSecret, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Put it away."""
        now = self._clock.now()
        deleted = session.secrets.replace(replace(found(secret), deleted_at=now, updated_at=now))
        return Done(result=deleted, subject=written(deleted))
