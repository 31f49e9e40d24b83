"""Bringing a secret back from the recycle bin."""

from dataclasses import dataclass, replace

from application.secrets.subjects import written
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.errors import NameTaken, NotFound
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSecret:
    """Ask for a deleted secret back."""

    reference: SecretId


class RestoreSecretUseCase(UseCase[RestoreSecret, Secret]):
    """Makes the secret live again under its old name."""

    action = Action.RESTORE
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what knows whether it is too late."""
        self._clock = clock

    def locate(self, command: RestoreSecret, session: Session) -> Secret:
        """Find it in the recycle bin, while it may still be brought back."""
        secret = found(session.secrets.find_deleted(command.reference))
        if not secret.is_recoverable(self._clock.now()):
            raise NotFound
        return secret

    def perform(
        self, command: RestoreSecret, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Bring it back.

        Raises:
            NameTaken: another secret has taken the name since.
        """
        secret = found(secret)
        if session.secrets.find(ByName(secret.name)) is not None:
            raise NameTaken
        restored = session.secrets.replace(
            replace(secret, deleted_at=None, updated_at=self._clock.now())
        )
        return Done(result=restored, subject=written(restored))
