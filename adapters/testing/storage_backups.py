"""The contract of the runs of backups."""

from dataclasses import replace
from typing import Any

from adapters.testing.examples import DAY, NOW
from domain.backups.run import BackupRun, BackupState
from domain.ports.storage import Storage


def begun(**changes: Any) -> BackupRun:
    """Return a run that was just begun."""
    run = BackupRun(scheduled=True, started_at=NOW, place="file:/somewhere", name="a backup")
    return replace(run, **changes)


def kept(storage: Storage, run: BackupRun) -> BackupRun:
    """Keep a run, durably."""
    return storage.write(lambda session: session.backup_runs.add(run)).result()


class BackupRunsContract:
    """Runs come back as they were kept, the newest first."""

    def test_a_run_gets_an_id(self, storage: Storage) -> None:
        first, second = kept(storage, begun()), kept(storage, begun(scheduled=False))
        assert (first, second.scheduled) == (replace(begun(), id=first.id), False)
        assert second.id > first.id > 0

    def test_every_field_comes_back(self, storage: Storage) -> None:
        run = kept(storage, begun())
        done = run.done(NOW + DAY, size=2**40, values=3, entries=4)
        failed = kept(storage, begun()).failed(NOW + DAY, "why it failed")
        storage.write(lambda s: s.backup_runs.replace(done)).result()
        storage.write(lambda s: s.backup_runs.replace(failed)).result()
        found = storage.read(lambda s: s.backup_runs.newest(limit=9)).result()
        assert list(found) == [failed, done]

    def test_no_more_are_given_than_are_asked_for(self, storage: Storage) -> None:
        runs = [kept(storage, begun()) for _ in range(3)]
        found = storage.read(lambda s: s.backup_runs.newest(limit=2)).result()
        assert list(found) == runs[:0:-1]

    def test_the_state_has_the_newest_and_the_newest_that_succeeded(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.backup_runs.state()).result() == BackupState()
        done = kept(storage, begun()).done(NOW, size=1, values=2, entries=3)
        storage.write(lambda s: s.backup_runs.replace(done)).result()
        newest = kept(storage, begun())
        state = storage.read(lambda s: s.backup_runs.state()).result()
        assert state == BackupState(newest=newest, last_done=done)
