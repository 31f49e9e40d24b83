"""Runs of backups in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from adapters.sql.backup_tables import backup_runs
from domain.backups.run import BackupRun, BackupState, RunOutcome
from domain.ports.backup_runs import BackupRuns

_NEWEST = select(backup_runs).order_by(backup_runs.c.id.desc()).limit(bindparam("most"))
_LAST_DONE = (
    select(backup_runs)
    .where(backup_runs.c.outcome == RunOutcome.DONE.value)
    .order_by(backup_runs.c.id.desc())
    .limit(1)
)
_INSERT = insert(backup_runs).returning(backup_runs.c.id)
_UPDATE = update(backup_runs).where(backup_runs.c.id == bindparam("at_id"))


class SqlBackupRuns(BackupRuns):
    """Keeps the table `backup_runs`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def add(self, run: BackupRun) -> BackupRun:
        """Keep a new run and return it with its id."""
        number = self._connection.execute(_INSERT, _to_row(run)).scalar_one()
        return replace(run, id=number)

    def replace(self, run: BackupRun) -> None:
        """Write everything of a run that is kept already."""
        self._connection.execute(_UPDATE, _to_row(run) | {"at_id": run.id})

    def newest(self, *, limit: int) -> Sequence[BackupRun]:
        """Return up to `limit` runs, the newest first."""
        return [_to_run(row) for row in self._connection.execute(_NEWEST, {"most": limit})]

    def state(self) -> BackupState:
        """Return the newest run, and the newest that succeeded."""
        last_done = self._connection.execute(_LAST_DONE).one_or_none()
        return BackupState(
            newest=next(iter(self.newest(limit=1)), None),
            last_done=None if last_done is None else _to_run(last_done),
        )


def _to_row(run: BackupRun) -> dict[str, object]:
    """Write a run out."""
    return {
        "scheduled": run.scheduled,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "outcome": run.outcome.value,
        "reason": run.reason,
        "place": run.place,
        "name": run.name,
        "bytes": run.bytes,
        "sealed_values": run.values,
        "entries": run.entries,
    }


def _to_run(row: Row[*tuple[Any, ...]]) -> BackupRun:
    """Read a run out of its row."""
    return BackupRun(
        id=row.id,
        scheduled=row.scheduled,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=RunOutcome(row.outcome),
        reason=row.reason,
        place=row.place,
        name=row.name,
        bytes=row.bytes,
        values=row.sealed_values,
        entries=row.entries,
    )
