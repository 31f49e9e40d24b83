"""How values travel to PostgreSQL and back: there as texts, here in binary.

A text says the same whatever type the server takes it for, and what comes in binary depends on no
setting of the session. Both are of the protocol (PostgreSQL, "Data Types" and "Formats and Format
Codes").
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from adapters.sql.postgresql_nul import with_nul, without_nul

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Moments are counted from here, in microseconds."""

_Write = Callable[[Any], str]
_Read = Callable[[bytes], Any]


def _moment(value: datetime) -> str:
    """Write a moment.

    Raises:
        ValueError: it has no zone.
    """
    if value.tzinfo is None:
        raise ValueError("a moment without a zone is not stored")
    return value.isoformat()


class _Writers(dict[type, _Write]):
    """What writes a value of a type, or of one that is made from it."""

    def __missing__(self, kind: type) -> _Write:
        """Find it once."""
        for base in kind.__mro__[1:]:
            if base in self:
                self[kind] = self[base]
                return self[base]
        raise TypeError(f"no value of the type {kind.__name__} is stored")


_WRITERS = _Writers()
_WRITERS[str] = without_nul
_WRITERS[int] = int.__str__
_WRITERS[bool] = lambda value: "t" if value else "f"
_WRITERS[bytes] = lambda value: f"\\x{value.hex()}"
_WRITERS[datetime] = _moment
_WRITERS[date] = date.isoformat


def written(value: Any) -> bytes | None:
    """Write a parameter."""
    return None if value is None else _WRITERS[type(value)](value).encode()


def written_array(values: Iterable[Any]) -> bytes:
    """Write a parameter that is an array (PostgreSQL, "Array Input and Output Syntax")."""
    return _array(values).encode()


def _array(values: Iterable[Any]) -> str:
    """Write an array."""
    return f"{{{','.join(map(_item, values))}}}"


def _item(value: Any) -> str:
    """Write what stands in an array."""
    if value is None:
        return "NULL"
    text = _WRITERS[type(value)](value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_WRITERS[list] = _array


def _number(data: bytes) -> int:
    """Read a number."""
    return int.from_bytes(data, "big", signed=True)


def _text(data: bytes) -> str:
    """Read a text."""
    return with_nul(str(data, "utf-8"))


def _day(data: bytes) -> date:
    """Read a day.

    Raises:
        psycopg.DataError: there is no such day in Python; somebody else wrote it.
    """
    try:
        return _EPOCH.date() + timedelta(days=_number(data))
    except OverflowError as error:
        raise psycopg.DataError("a day is out of range") from error


def _read_moment(data: bytes) -> datetime:
    """Read a moment.

    Raises:
        psycopg.DataError: there is no such moment in Python; somebody else wrote it.
    """
    try:
        return _EPOCH + timedelta(microseconds=_number(data))
    except OverflowError as error:
        raise psycopg.DataError("a moment is out of range") from error


DECODERS: dict[int, _Read] = {
    psycopg.adapters.types[name].oid: read
    for name, read in (
        ("int2", _number),
        ("int4", _number),
        ("int8", _number),
        ("bool", lambda data: data == b"\x01"),
        ("text", _text),
        ("varchar", _text),
        ("bytea", bytes),
        ("date", _day),
        ("timestamptz", _read_moment),
    )
}
"""What reads a column, by the number of its type."""
