"""Writing down that a backup was verified."""

from dataclasses import dataclass

from application.backups.record import Record, recorded
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerification(Record):
    """Say that a backup was verified."""


class RecordVerificationUseCase(UseCase[RecordVerification, None]):
    """Records a verification."""

    action = Action.VERIFY_BACKUP
    changes = True

    def locate(self, command: RecordVerification, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(
        self, command: RecordVerification, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Leave an entry, which says that it failed if it did."""
        return recorded(command)
