"""The names of backups, which of them are kept, and when the next one is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.backups.name import Named, name_of, parse_name
from domain.backups.retention import Retention
from domain.backups.run import BackupRun, BackupState, RunOutcome
from tests.fakes import START

STORE = "0123456789abcdef"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BEGUN = BackupRun(scheduled=True, started_at=START, place="file:/x", name="a backup")


def named(at: datetime, number: int = 0) -> Named:
    name = name_of(STORE, at, chance=number.to_bytes(4, "big"), suffix=".age")
    found = parse_name(name)
    assert found is not None
    return found


def test_a_name_says_of_which_store_and_when() -> None:
    found = named(START)
    assert found.name == f"strongroom-{STORE}-20261123T120000Z-00000000.jsonl.gz.age"
    assert (found.store, found.at) == (STORE, START)


@pytest.mark.parametrize(
    "name",
    [
        "", "strongroom.age", f"strongroom-{STORE}-20261123T120000Z-00000000.jsonl.gz.age.part",
        f"strongroom-{STORE}-20261399T120000Z-00000000.jsonl.gz", f"x/strongroom-{STORE}",
    ],
)  # fmt: skip
def test_other_names_are_no_backups(name: str) -> None:
    assert parse_name(name) is None


def test_with_nothing_but_zeros_everything_is_kept() -> None:
    assert Retention().surplus([named(START, number) for number in range(9)]) == []


def test_the_newest_are_kept() -> None:
    backups = [named(START + number * HOUR) for number in range(5)]
    assert Retention(last=2).surplus(backups) == backups[:3]


def test_the_newest_of_each_day_week_and_month_are_kept() -> None:
    backups = [named(START + number * DAY / 2) for number in range(200)]
    kept = {one.at for one in backups} - {
        one.at for one in Retention(daily=3, weekly=2, monthly=2).surplus(backups)
    }
    newest = backups[-1].at
    assert newest == datetime(2027, 3, 3, tzinfo=UTC)
    assert kept == {
        newest,
        datetime(2027, 3, 2, 12, tzinfo=UTC),
        datetime(2027, 3, 1, 12, tzinfo=UTC),
        datetime(2027, 2, 28, 12, tzinfo=UTC),
    }


COUNTS = {name: st.integers(0, 9) for name in ("last", "daily", "weekly", "monthly")}


@given(
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), max_size=60),  # noqa: DTZ001
    st.builds(
        Retention, **{name: st.integers(0, 9) for name in ("last", "daily", "weekly", "monthly")}
    ),
)
def test_the_newest_is_never_surplus_and_pruning_twice_is_pruning_once(
    moments: list[datetime], retention: Retention
) -> None:
    backups = [named(at.replace(tzinfo=UTC, microsecond=0), i) for i, at in enumerate(moments)]
    surplus = retention.surplus(backups)
    left = [one for one in backups if one not in surplus]
    assert retention.surplus(left) == []
    if backups:
        assert max(backups, key=lambda one: (one.at, one.name)) in left


def test_the_first_is_due_at_once() -> None:
    assert BackupState().is_due(HOUR, HOUR, START)


@pytest.mark.parametrize(
    ("run", "after"),
    [
        (BEGUN.done(START, size=1, values=1, entries=1), DAY),
        (BEGUN.failed(START, "why"), HOUR),
        (BEGUN, HOUR),
    ],
    ids=["after its time", "some time after a failure", "some time after an interruption"],
)
def test_the_next_is_due(run: BackupRun, after: timedelta) -> None:
    state = BackupState(newest=run)
    assert not state.is_due(DAY, HOUR, START + after - timedelta(seconds=1))
    assert state.is_due(DAY, HOUR, START + after)


def test_none_is_tried_again_later_than_the_next_would_come() -> None:
    assert BackupState(newest=BEGUN.failed(START, "why")).is_due(HOUR, DAY, START + HOUR)


def test_what_has_not_succeeded_for_twice_its_time_is_overdue() -> None:
    done = BEGUN.done(START, size=1, values=1, entries=1)
    assert done.outcome is RunOutcome.DONE
    state = BackupState(newest=BEGUN, last_done=done)
    assert not state.is_overdue(HOUR, START + HOUR, since=START)
    assert state.is_overdue(HOUR, START + 2 * HOUR, since=START + DAY)
    assert BackupState().is_overdue(HOUR, START + 2 * HOUR, since=START)
    assert not BackupState().is_overdue(HOUR, START + HOUR, since=START)
