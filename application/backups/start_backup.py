"""The beginning of a backup, written down before anything else is done."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.backups.run import BackupRun
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBackup:
    """Ask for a run to be kept, which has no id yet."""

    run: BackupRun

    @property
    def reference(self) -> str:
        """Return what it is about."""
        return self.run.name


class StartBackupUseCase(UseCase[StartBackup, BackupRun]):
    """Keeps the run, so that one whose process dies is seen to be missing."""

    action = Action.START_BACKUP
    changes = True

    def locate(self, command: StartBackup, session: Session) -> None:
        """Find nothing: a backup is no secret of a name."""

    def perform(
        self, command: StartBackup, secret: Secret | None, session: Session
    ) -> Done[BackupRun]:
        """Keep it."""
        run = session.backup_runs.add(command.run)
        return Done(result=run, subject=Subject(reference=run.name))
