"""Writing down that a backup was erased because no rule keeps it any longer."""

from dataclasses import dataclass

from application.backups.record import Record, recorded
from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPruning(Record):
    """Say that a backup was erased because no rule keeps it any longer."""


class RecordPruningUseCase(UseCase[RecordPruning, None]):
    """Records that a backup was erased."""

    action = Action.PRUNE_BACKUPS
    changes = True

    def locate(self, command: RecordPruning, session: Session) -> None:
        """Find nothing: it is about no secret of a name."""

    def perform(
        self, command: RecordPruning, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Leave an entry, which says that it failed if it did."""
        return recorded(command)
