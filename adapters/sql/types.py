"""Column types whose Python side is exact."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_Convert = Callable[[Any], Any]

_UTC = "+00:00"
_DATE = len("2026-11-23")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments in UTC. SQLite has no zones: there the text is UTC by agreement."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment into what the database keeps.

        Raises:
            ValueError: the moment has no zone.
        """
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the database keeps into a moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> _Convert | None:
        """Return what turns a moment into what the driver takes: on SQLite a text, at once."""
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Convert | None:
        """Return what turns what the driver gives into a moment."""
        if dialect.name == "sqlite":
            return _from_text
        return super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    """Return the moment in UTC."""
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("a moment without a zone is not stored")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    """Write a moment as SQLAlchemy does: `2026-11-23 12:30:15.123456`."""
    if value is None:
        return None
    return _in_utc(value).isoformat(" ", "microseconds").removesuffix(_UTC)


def _from_text(text: str | None) -> datetime | None:
    """Read a moment.

    Raises:
        ValueError: the text is none.
        TypeError: it is no text.
    """
    if text is None:
        return None
    try:
        if len(text) > _DATE:
            return datetime.fromisoformat(text + _UTC)
    except ValueError:  # one that has a zone, which we do not write
        pass
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
