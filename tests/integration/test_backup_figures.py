"""What the page for scrapers tells of backups."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryStorage
from adapters.metrics.backups import of_backups
from domain.backups.run import BackupRun
from domain.ports.storage import Session
from tests.fakes import START
from tests.house import House

BEGUN = BackupRun(scheduled=True, started_at=START, place="file:/x", name="a backup")
DONE = BEGUN.done(START + timedelta(seconds=90), size=1000, values=3, entries=4)


def figures(*runs: BackupRun) -> dict[str, float]:
    house = House(MemoryStorage()).opened()
    house.clock.advance(timedelta(hours=1))

    def work(session: Session) -> None:
        for run in runs:
            session.backup_runs.add(run)

    house.storage.write(work).result()
    found = house.storage.read(lambda s: list(of_backups(s, house.clock.now()))).result()
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in found
        for sample in family.samples
    }


def test_without_a_backup_the_time_of_the_last_is_0() -> None:
    told = figures()
    assert told["strongroom_backup_last_success_timestamp_seconds"] == 0
    assert "strongroom_backup_age_seconds" not in told


def test_a_backup_that_was_proved_is_told() -> None:
    told = figures(DONE)
    assert told["strongroom_backup_last_success_timestamp_seconds"] == START.timestamp()
    assert told["strongroom_backup_age_seconds"] == 3600
    assert told["strongroom_backup_duration_seconds"] == 90
    assert told["strongroom_backup_size_bytes"] == 1000
    assert told["strongroom_backup_newestdone"] == 1


@pytest.mark.parametrize("newest", [BEGUN.failed(START, "why"), BEGUN])
def test_one_that_failed_or_runs_does_not_hide_the_one_before(newest: BackupRun) -> None:
    told = figures(DONE, newest)
    assert told["strongroom_backup_age_seconds"] == 3600
    assert told[f"strongroom_backup_newest{newest.outcome.value}"] == 1
    assert told["strongroom_backup_newestdone"] == 0
