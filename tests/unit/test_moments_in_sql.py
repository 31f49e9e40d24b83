"""Moments stand in SQLite as SQLAlchemy writes them, and come back as they were."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from adapters.sql.types import UtcDateTime

DIALECT = sqlite.dialect()
ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
write: Any = UtcDateTime().bind_processor(DIALECT)
read: Any = UtcDateTime().result_processor(DIALECT, None)

READ = {
    "2026-11-23 12:30:15.123456": datetime(2026, 11, 23, 12, 30, 15, 123456, UTC),
    "2026-11-23 12:30:15": datetime(2026, 11, 23, 12, 30, 15, tzinfo=UTC),
    "2026-11-23": datetime(2026, 11, 23, tzinfo=UTC),
    "2026-11-23 12:30:15+02:00": datetime(2026, 11, 23, 10, 30, 15, tzinfo=UTC),
}


@given(st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=ZONES))  # noqa: DTZ001
def test_a_moment_is_written_as_the_library_would_and_comes_back(at: datetime) -> None:
    theirs = DateTime().dialect_impl(DIALECT).bind_processor(DIALECT)
    assert theirs is not None
    assert write(at) == theirs(at.astimezone(UTC).replace(tzinfo=None))
    back = read(write(at))
    assert back == at
    assert back.tzinfo is UTC


@pytest.mark.parametrize(("text", "moment"), READ.items())
def test_what_others_have_written_is_read(text: str, moment: datetime) -> None:
    assert read(text) == moment


def test_nothing_stays_nothing() -> None:
    assert (write(None), read(None)) == (None, None)


@pytest.mark.parametrize(("text", "error"), [("never", ValueError), (5, TypeError)])
def test_what_is_no_moment_is_refused(text: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(text)


def test_a_moment_without_a_zone_is_not_stored() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        write(datetime(2026, 1, 1))  # noqa: DTZ001
