"""Writing down that this store was copied from another one."""

from dataclasses import dataclass

from application.backups.record import Record, recorded
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMove(Record):
    """Say that this store was copied from another one."""


class RecordMoveUseCase(UseCase[RecordMove, None]):
    """Records a move, in the store that came out of it."""

    action = Action.MOVE_STORE
    changes = True

    def locate(self, command: RecordMove, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(self, command: RecordMove, secret: Secret | None, session: Session) -> Done[None]:
        """Leave an entry, which says that it failed if it did."""
        return recorded(command)
