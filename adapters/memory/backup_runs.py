"""Runs of backups in memory."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.tables import Tables
from domain.backups.run import BackupRun, BackupState, RunOutcome
from domain.ports.backup_runs import BackupRuns


class MemoryBackupRuns(BackupRuns):
    """Keeps runs by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def add(self, run: BackupRun) -> BackupRun:
        """Keep a new run and return it with its id."""
        kept = replace(run, id=len(self._tables.backup_runs) + 1)
        self._tables.backup_runs.put(kept.id, kept)
        return kept

    def replace(self, run: BackupRun) -> None:
        """Write everything of a run that is kept already."""
        self._tables.backup_runs.put(run.id, run)

    def newest(self, *, limit: int) -> Sequence[BackupRun]:
        """Return up to `limit` runs, the newest first."""
        keys = sorted(self._tables.backup_runs, reverse=True)
        return [self._tables.backup_runs[key] for key in keys[:limit]]

    def state(self) -> BackupState:
        """Return the newest run, and the newest that succeeded."""
        runs = self.newest(limit=len(self._tables.backup_runs))
        return BackupState(
            newest=next(iter(runs), None),
            last_done=next((run for run in runs if run.outcome is RunOutcome.DONE), None),
        )
