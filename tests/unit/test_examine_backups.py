"""Whether backups are made, and what is said when not."""

from datetime import timedelta
from functools import partial

from application.health.examine_backups import ExamineBackups
from domain.backups.run import BackupRun
from domain.health.finding import Level
from domain.ports.storage import Session
from tests.fakes import START
from tests.house import House

HOUR = timedelta(hours=1)
BEGUN = BackupRun(scheduled=True, started_at=START, place="file:/x", name="a backup")


def keep(run: BackupRun, session: Session) -> None:
    session.backup_runs.add(run)


def told(house: House, *runs: BackupRun, every: timedelta = HOUR) -> list[tuple[Level, str]]:
    for run in runs:
        house.storage.write(partial(keep, run)).result()
    examine = ExamineBackups(storage=house.storage, clock=house.clock, every=every)
    return [(found.level, found.finding) for found in examine()]


def test_a_store_that_was_never_backed_up_is_told_when_there_is_a_schedule(house: House) -> None:
    (found,) = told(house)
    assert found == (Level.WARNING, "no backup of this store has been made and proved yet")
    assert told(house, every=0 * HOUR) == []


def test_a_recent_backup_is_well(house: House) -> None:
    assert told(house, BEGUN.done(START, size=1, values=1, entries=1)) == []


def test_an_old_one_is_told_when_there_is_a_schedule(house: House) -> None:
    done = BEGUN.done(START, size=1, values=1, entries=1)
    house.clock.advance(2 * HOUR)
    (found,) = told(house, done)
    assert found == (
        Level.WARNING, "the newest backup that was proved is of 2026-11-23 12:00 UTC",
    )  # fmt: skip
    assert told(house, every=0 * HOUR) == []


def test_a_failure_is_told(house: House) -> None:
    done = BEGUN.done(START, size=1, values=1, entries=1)
    found = told(house, done, BEGUN.failed(START, "the disk was full"))
    assert found == [(Level.WARNING, "the newest backup failed: the disk was full")]
