"""Writing down that this store was copied from another one."""

from dataclasses import dataclass

from application.backups.finish_backup import BackupFailed
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMove:
    """Say that this store was copied from another one.

    `fault` is what was wrong, in words of ours; `None` when it was done.
    """

    reference: str
    fault: str | None = None


class RecordMoveUseCase(UseCase[RecordMove, None]):
    """Records a move, in the store that came out of it. It is slow, and is done before."""

    action = Action.MOVE_STORE
    changes = True

    def locate(self, command: RecordMove, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(self, command: RecordMove, secret: Secret | None, session: Session) -> Done[None]:
        """Leave an entry and nothing else.

        Raises:
            BackupFailed: it failed, and the entry says so.
        """
        if command.fault is not None:
            raise BackupFailed(command.fault)
        return Done(result=None, subject=Subject(reference=command.reference))
