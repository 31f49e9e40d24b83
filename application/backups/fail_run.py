"""Keeping that a backup failed."""

from application.backups.finish_backup import FinishBackup
from application.gate import Gate
from domain.access.caller import Caller
from domain.backups.run import BackupRun
from domain.errors import StrongroomError
from domain.ports.clock import Clock
from domain.ports.storage import Storage


class FailRun:
    """Keeps it twice: as a row, which figures are made of, and as an entry of the audit log."""

    def __init__(self, *, gate: Gate, storage: Storage, clock: Clock) -> None:
        """Take where to keep it."""
        self._gate = gate
        self._storage = storage
        self._clock = clock

    def __call__(self, caller: Caller, run: BackupRun, reason: str) -> None:
        """Keep it. Where the store is away nothing is raised: what stopped the run matters more.

        Such a run stays one that is said to be running, and the next one finds it.
        """
        failed = run.failed(self._clock.now(), reason)
        try:
            self._storage.write(lambda session: session.backup_runs.replace(failed)).result()
            self._gate.run(caller, FinishBackup(run=failed))
        except StrongroomError:
            return  # the failure itself, which the entry has by now; or the store is away
