"""Writing down that this store was made out of a backup."""

from dataclasses import dataclass

from application.backups.finish_backup import BackupFailed
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestore:
    """Say that this store was made out of a backup.

    `fault` is what was wrong, in words of ours; `None` when it was done.
    """

    reference: str
    fault: str | None = None


class RecordRestoreUseCase(UseCase[RecordRestore, None]):
    """Records a restoring, in the store that came out of it. It is slow, and is done before."""

    action = Action.RESTORE_BACKUP
    changes = True

    def locate(self, command: RecordRestore, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(
        self, command: RecordRestore, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Leave an entry and nothing else.

        Raises:
            BackupFailed: it failed, and the entry says so.
        """
        if command.fault is not None:
            raise BackupFailed(command.fault)
        return Done(result=None, subject=Subject(reference=command.reference))
