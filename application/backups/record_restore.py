"""Writing down that this store was made out of a backup."""

from dataclasses import dataclass

from application.backups.record import Record, recorded
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestore(Record):
    """Say that this store was made out of a backup."""


class RecordRestoreUseCase(UseCase[RecordRestore, None]):
    """Records a restoring, in the store that came out of it."""

    action = Action.RESTORE_BACKUP
    changes = True

    def locate(self, command: RecordRestore, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(
        self, command: RecordRestore, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Leave an entry, which says that it failed if it did."""
        return recorded(command)
