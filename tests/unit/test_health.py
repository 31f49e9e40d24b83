"""What is seen of a store is judged, told with a mend, and counted without names."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.sql.sqlite_store import SqliteStore
from domain.errors import StartRefused, WrongRootKey
from domain.health import clock, keys
from domain.health.finding import Finding, Level, error, is_healthy, note, refusal, warning
from domain.health.keys import KeyFacts
from domain.health.tally import SHOWN, Fault, Tally
from domain.keys.data_key import SECOND_FORM, DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.ports.store import StoreState
from domain.ports.store_examination import StoreExamination
from tests.fakes import START

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

SEALING = DataKey(id="1" * 16, state=KeyState.ACTIVE, created_at=START, wrapped="w")
SIGNING = replace(SEALING, id="2" * 16, purpose=KeyPurpose.SIGN)
OLD = replace(SEALING, id="3" * 16, state=KeyState.RETIRED)
RECORD = RootKeyRecord(generation=1, source="file:k", since=START, principal="local")
RUNNING = Rotation(
    id=7, new_key=SEALING.id, old_keys=(OLD.id,), cipher="fernet", total=9, resealed=4,
    started_at=START - DAY, started_by="local",
)  # fmt: skip
SOUND = KeyFacts(
    now=START, keys=(SEALING, SIGNING, OLD), values={SEALING.id: 9}, root_key=RECORD, running=None,
    worked_until=None, has_a_past=True, data_key_days=0, root_key_days=0,
)  # fmt: skip


def told(facts: KeyFacts) -> list[tuple[Level, str]]:
    """Return what is found of the keys."""
    return [(found.level, found.finding) for found in keys.judge(facts)]


def test_sound_keys_are_not_mentioned() -> None:
    assert told(SOUND) == []


def test_a_store_that_lost_its_keys_is_an_error_and_a_new_one_is_not() -> None:
    bare = replace(SOUND, keys=(), root_key=None)
    ((level, text),) = told(bare)
    assert (level, "used before" in text) == (Level.ERROR, True)
    assert told(replace(bare, has_a_past=False, root_key=RECORD))[0][0] is Level.ERROR
    assert told(replace(bare, has_a_past=False))[0][0] is Level.NOTE


@pytest.mark.parametrize(("left", "use"), [(SEALING, "signing"), (SIGNING, "sealing")])
def test_a_purpose_without_an_active_key_is_an_error(left: DataKey, use: str) -> None:
    ((level, text),) = told(replace(SOUND, keys=(left,)))
    assert level is Level.ERROR
    assert f"active for {use}" in text


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_a_key_that_was_taken_away_is_not_made_by_a_restart(purpose: KeyPurpose) -> None:
    whole = [replace(SEALING, purpose=each, wrapped=f"{SECOND_FORM}w") for each in KeyPurpose]
    assert told(replace(SOUND, keys=whole)) == []
    left = replace(SOUND, keys=[key for key in whole if key.purpose is not purpose])
    (found,) = keys.judge(left)
    assert found.level is Level.ERROR
    assert found.mend == "restore the table 'data_keys' from a backup, or see docs/audit.md"


@pytest.mark.parametrize(
    ("days", "age", "expected"),
    [
        (30, 29, []),
        (30, 30, [Level.WARNING] * 2),
        (0, 365, []),
        (0, 366, [Level.NOTE] * 2),
        (1000, 366, []),
    ],
)
def test_keys_are_judged_by_the_age_that_the_settings_ask_for(
    days: int, age: int, expected: list[Level]
) -> None:
    facts = replace(SOUND, now=START + age * DAY, data_key_days=days, root_key_days=days)
    assert [level for level, _ in told(facts)] == expected


def test_a_store_without_a_record_of_its_root_key_says_nothing_of_its_age() -> None:
    assert told(replace(SOUND, root_key=None)) == []


@pytest.mark.parametrize(
    ("started", "worked_until", "found"),
    [
        (START - DAY, None, True),
        (START - DAY, START - DAY, True),
        (START - DAY, START + MINUTE, False),
        (START - DAY, START - MINUTE, False),
        (START - MINUTE, None, False),
    ],
)
def test_a_rotation_that_nobody_works_on_is_told(
    started: datetime, worked_until: datetime | None, *, found: bool
) -> None:
    running = replace(RUNNING, started_at=started)
    facts = replace(SOUND, running=running, worked_until=worked_until, values={OLD.id: 5})
    lines = told(facts)
    assert bool(lines) is found
    assert all("rotation 7" in text and "4 of 9" in text for _, text in lines)


def test_values_under_a_retired_key_are_told_while_no_rotation_runs() -> None:
    ((level, text),) = told(replace(SOUND, values={OLD.id: 5, SEALING.id: 4}))
    assert level is Level.WARNING
    assert OLD.id in text
    assert text.endswith(": 5")


@pytest.mark.parametrize(
    ("ahead", "level"),
    [
        (-DAY, None),
        (MINUTE, None),
        (6 * MINUTE, Level.WARNING),
        (366 * DAY, Level.WARNING),
        (367 * DAY, Level.ERROR),
    ],
)
def test_a_moment_out_of_the_future_tells_of_the_clock(
    ahead: timedelta, level: Level | None
) -> None:
    found = list(clock.judge(START, {"the audit log": START + ahead}))
    assert [item.level for item in found] == ([] if level is None else [level])
    assert all("the audit log" in item.finding for item in found)


def test_a_tally_counts_and_lists_the_first_ids() -> None:
    tally = Tally()
    tally.add(Fault.SEAL_BROKEN, 7)
    tally.add(Fault.SEAL_BROKEN, 7, 2)
    for number in range(SHOWN + 3):
        tally.add(Fault.EMPTY, number)
    broken, empty = tally.findings()
    assert (broken.check, broken.level) == ("values", Level.ERROR)
    assert broken.finding.endswith(": 2, at ids 7, 7 (version 2)")
    assert f": {SHOWN + 3}, at ids 0, 1," in empty.finding
    assert empty.finding.endswith(f" {SHOWN - 1} and 3 more")


def test_a_refusal_is_parted_into_what_was_found_and_what_mends_it() -> None:
    cause = WrongRootKey("the key can be read by others; mend it with: chmod 600 k")
    assert refusal("root_key", cause, mend="-") == Finding(
        check="root_key", level=Level.ERROR, finding="the key can be read by others",
        mend="chmod 600 k",
    )  # fmt: skip
    assert refusal("schema", StartRefused("no way back"), mend="do this").mend == "do this"


def test_only_an_error_makes_a_store_unwell() -> None:
    assert is_healthy([])
    assert is_healthy([note("c", "f", "m"), warning("c", "f", "m")])
    assert not is_healthy([note("c", "f", "m"), error("c", "f", "m")])


def test_the_store_that_ships_can_be_examined() -> None:
    assert issubclass(SqliteStore, StoreExamination)


def test_a_store_is_current_when_it_has_the_newest_form() -> None:
    assert StoreState(revision="2", newest="2").is_current
    assert not StoreState(revision="1", newest="2").is_current
