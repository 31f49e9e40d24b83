"""The end of a backup, whichever it was."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.backups.run import BackupRun, RunOutcome
from domain.errors import Broken
from domain.ports.storage import Session
from domain.secrets.secret import Secret


class BackupFailed(Broken):
    """A backup was not made, or does not hold what it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishBackup:
    """Say how a run ended."""

    run: BackupRun

    @property
    def reference(self) -> str:
        """Return what it is about."""
        return self.run.name


class FinishBackupUseCase(UseCase[FinishBackup, BackupRun]):
    """Keeps how a run ended. One that failed fails here too, so that its entry says so."""

    action = Action.CREATE_BACKUP
    changes = True

    def locate(self, command: FinishBackup, session: Session) -> None:
        """Find nothing: a backup is no secret of a name."""

    def perform(
        self, command: FinishBackup, secret: Secret | None, session: Session
    ) -> Done[BackupRun]:
        """Keep it.

        Raises:
            BackupFailed: the run failed. What is undone with this entry is kept by whoever asks.
        """
        if command.run.outcome is RunOutcome.FAILED:
            raise BackupFailed(command.run.reason or "the backup failed")
        session.backup_runs.replace(command.run)
        return Done(result=command.run, subject=Subject(reference=command.run.name))
