"""Writing down that a backup was verified."""

from dataclasses import dataclass

from application.backups.finish_backup import BackupFailed
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerification:
    """Say that a backup was verified.

    `fault` is what was wrong, in words of ours; `None` when it was done.
    """

    reference: str
    fault: str | None = None


class RecordVerificationUseCase(UseCase[RecordVerification, None]):
    """Records a verification, in the store that is at hand. It is slow, and is done before."""

    action = Action.VERIFY_BACKUP
    changes = True

    def locate(self, command: RecordVerification, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(
        self, command: RecordVerification, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Leave an entry and nothing else.

        Raises:
            BackupFailed: it failed, and the entry says so.
        """
        if command.fault is not None:
            raise BackupFailed(command.fault)
        return Done(result=None, subject=Subject(reference=command.reference))
