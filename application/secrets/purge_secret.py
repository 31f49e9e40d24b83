"""Erasing a secret for good."""

from dataclasses import dataclass
from datetime import datetime

from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeSecret:
    """Ask for a secret, living or deleted, to be erased with all its versions.

    With `deleted_before` only if it lies in the recycle bin since before that moment.
    """

    reference: SecretId
    deleted_before: datetime | None = None


class PurgeSecretUseCase(UseCase[PurgeSecret, Secret]):
    """Erases the secret; nothing brings it back."""

    action = Action.PURGE
    changes = True

    def locate(self, command: PurgeSecret, session: Session) -> Secret:
        """Find the secret, in the recycle bin too."""
        deleted = session.secrets.find_deleted(command.reference)
        if command.deleted_before is None:
            return deleted or found(session.secrets.find(command.reference))
        deleted_at = found(deleted).deleted_at
        return found(deleted if deleted_at and deleted_at < command.deleted_before else None)

    def perform(
        self, command: PurgeSecret, secret: Secret | None, session: Session
    ) -> Done[Secret]:
        """Erase it."""
        secret = found(secret)
        session.secrets.remove(secret)
        return Done(result=secret, subject=about(secret))
