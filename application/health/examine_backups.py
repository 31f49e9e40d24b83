"""Looking whether backups are made."""

from collections.abc import Sequence
from datetime import timedelta

from domain.backups.run import BackupState, RunOutcome
from domain.health.finding import Finding, warning
from domain.ports.clock import Clock
from domain.ports.storage import Storage

CHECK = "backups"
_MEND = "strongroom backup create says why, and so does strongroom backup status"


class ExamineBackups:
    """Says whether there is a backup that was proved, and whether it is recent enough."""

    def __init__(self, *, storage: Storage, clock: Clock, every: timedelta) -> None:
        """Take where to look, and the time between two that the settings ask for; 0 for none."""
        self._storage = storage
        self._clock = clock
        self._every = every

    def __call__(self) -> Sequence[Finding]:
        """Look, and judge."""
        state = self._storage.read(lambda session: session.backup_runs.state()).result()
        return [*self._of_age(state), *_of_newest(state)]

    def _of_age(self, state: BackupState) -> Sequence[Finding]:
        """Tell of a backup that is missing or old."""
        if not self._every:
            return []
        done = state.last_done
        if done is None:
            return [warning(CHECK, "no backup of this store has been made and proved yet", _MEND)]
        if not state.is_overdue(self._every, self._clock.now(), since=done.started_at):
            return []
        told = f"the newest backup that was proved is of {done.started_at:%Y-%m-%d %H:%M} UTC"
        return [warning(CHECK, told, _MEND)]


def _of_newest(state: BackupState) -> Sequence[Finding]:
    """Tell of a failure."""
    newest = state.newest
    if newest is None or newest.outcome is not RunOutcome.FAILED:
        return []
    return [warning(CHECK, f"the newest backup failed: {newest.reason}", _MEND)]
