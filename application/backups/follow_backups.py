"""Making backups when they are due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.backups.alive import TASK
from application.backups.fail_run import FailRun
from application.backups.start_backup import StartBackup
from application.gate import Gate
from application.turn import Stopping
from domain.access.caller import Caller
from domain.backups.run import BackupRun, RunOutcome
from domain.errors import StrongroomError
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage

RETRY = timedelta(minutes=15)
"""How long to wait after a failure before trying again."""

NAMELESS = "-"
"""The name of a backup that did not come as far as having one."""


class BackupsDue:
    """Tells whether a scheduled backup should begin now."""

    def __init__(self, *, storage: Storage, clock: Clock, every: timedelta) -> None:
        """Take the time between two; none are made when it is zero."""
        self._storage = storage
        self._clock = clock
        self._every = every

    def __call__(self) -> bool:
        """Look at the newest run.

        Raises:
            StorageUnavailable: the store cannot be read now.
        """
        return bool(self._every) and self._storage.read(self._is_due).result()

    def _is_due(self, session: Session) -> bool:
        """Tell whether it is time, and nobody is at it."""
        now, until = self._clock.now(), session.leases.until(TASK)
        state = session.backup_runs.state()
        running = state.newest is not None and state.newest.outcome is RunOutcome.RUNNING
        if running and until is not None and until > now:
            return False
        return state.is_due(self._every, RETRY, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What makes a backup elsewhere and waits for it, and where it goes."""

    launch: Callable[[Stopping], None]
    place: str


class FollowBackups:
    """Has a process make each backup, and accounts for it when that process did not."""

    def __init__(
        self,
        *,
        gate: Gate,
        storage: Storage,
        clock: Clock,
        due: BackupsDue,
        fail_run: FailRun,
        schedule: Schedule,
    ) -> None:
        """Take what tells the time, and what makes the backups."""
        self._gate = gate
        self._storage = storage
        self._clock = clock
        self._due = due
        self._fail_run = fail_run
        self._schedule = schedule

    def __call__(self, caller: Caller, stopping: Stopping) -> None:
        """Make a backup if one is due.

        Raises:
            StrongroomError: it failed, and that is kept.
        """
        if not self._due():
            return
        before = self._newest()
        try:
            self._schedule.launch(stopping)
        except StrongroomError as error:
            self._account(caller, before, str(error))
            raise

    def _account(self, caller: Caller, before: BackupRun | None, reason: str) -> None:
        """See that the failure is kept, also where the process could not keep it itself."""
        run = self._newest()
        if run == before:
            begun = BackupRun(
                scheduled=True,
                started_at=self._clock.now(),
                place=self._schedule.place,
                name=NAMELESS,
            )
            run = self._gate.run(caller, StartBackup(run=begun))
        if run is not None and run.outcome is RunOutcome.RUNNING:
            self._fail_run(caller, run, reason)

    def _newest(self) -> BackupRun | None:
        """Return the newest run."""
        return self._storage.read(lambda session: session.backup_runs.state().newest).result()
