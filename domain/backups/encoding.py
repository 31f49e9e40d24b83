"""The text of a backup: lines of JSON (RFC 8259), in ASCII.

The form is version 1. A later version may add fields to objects and kinds of lines; what is here
never changes, and every later version reads it. `docs/backups.md` describes it for others.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from domain.backups.rows import Column, Kind, Row, TableForm, Value
from domain.errors import Broken

FORMAT = 1
"""The newest form that this version reads, and the one that it writes."""

_encoder = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False)


class BackupBroken(Broken):
    """A backup is damaged, cut off, of no form that is known, or not what was signed."""


def line_of(data: object) -> bytes:
    """Return one line; equal data gives equal bytes."""
    return _encoder.encode(data).encode("ascii") + b"\n"


def parse_line(line: bytes) -> Any:
    """Return what a line says.

    Raises:
        BackupBroken: it is no JSON.
    """
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BackupBroken("a line of the backup is no JSON") from None


def moment_text(moment: datetime) -> str:
    """Write a moment (RFC 3339), in UTC and with microseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parse_moment(text: str) -> datetime:
    """Read a moment.

    Raises:
        BackupBroken: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BackupBroken("a moment in the backup is none") from None
    if moment.tzinfo is None:
        raise BackupBroken("a moment in the backup has no zone")
    return moment.astimezone(UTC)


def table_line(table: TableForm) -> bytes:
    """Write what comes before the rows of a table."""
    columns = [[column.name, column.kind.value] for column in table.columns]
    return line_of({"table": table.name, "columns": columns, "last_id": table.last_id})


def parse_table(data: dict[str, Any]) -> TableForm:
    """Read what comes before the rows of a table.

    Raises:
        BackupBroken: it is not of this form.
    """
    try:
        columns = tuple(Column(name=str(name), kind=Kind(kind)) for name, kind in data["columns"])
        last_id = data["last_id"]
        return TableForm(
            name=str(data["table"]),
            columns=columns,
            last_id=None if last_id is None else int(last_id),
        )
    except (KeyError, TypeError, ValueError):
        raise BackupBroken("a table of the backup is described in no known form") from None


class RowCodec:
    """Writes and reads the rows of one table, each as an array.

    Moments and bytes are strings where their columns are of that kind. SQLite lets a column hold
    something of another kind, and a backup must not lose it: that is an object with its kind.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        """Take the columns."""
        self._write = [_WRITERS[column.kind] for column in columns]
        self._read = [_READERS[column.kind] for column in columns]

    def line(self, row: Row) -> bytes:
        """Write a row."""
        return line_of([write(value) for write, value in zip(self._write, row, strict=True)])

    def parse(self, data: Any) -> Row:
        """Read a row.

        Raises:
            BackupBroken: it does not fit the columns.
        """
        if not isinstance(data, list) or len(data) != len(self._read):
            raise BackupBroken("a row of the backup does not fit its table")
        return tuple([read(value) for read, value in zip(self._read, data, strict=True)])


def _boolean(value: Value) -> Any:
    """Write what stands in a column of truths."""
    return value if value is None or type(value) is bool else _tagged(value)


def _real(value: Value) -> Any:
    """Write what stands in a column of numbers that need be no integers, exactly."""
    return None if value is None else _tagged(value)


def _text(value: Value) -> Any:
    """Write what stands in a column of text."""
    return value if value is None or type(value) is str else _tagged(value)


def _integer(value: Value) -> Any:
    """Write what stands in a column of integers."""
    return value if value is None or type(value) is int else _tagged(value)


def _bytes(value: Value) -> Any:
    """Write what stands in a column of bytes, in base64 (RFC 4648, section 4)."""
    if value is None:
        return None
    return base64.b64encode(value).decode("ascii") if type(value) is bytes else _tagged(value)


def _moment(value: Value) -> Any:
    """Write what stands in a column of moments."""
    if value is None:
        return None
    return moment_text(value) if isinstance(value, datetime) else _tagged(value)


def _day(value: Value) -> Any:
    """Write what stands in a column of days (RFC 3339, section 5.6: full-date)."""
    if value is None:
        return None
    return value.isoformat() if type(value) is date else _tagged(value)


def _tagged(value: Value) -> dict[str, Any]:
    """Write a value together with what it is."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return {"moment": moment_text(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, float):
        return {"real": value.hex()}
    if isinstance(value, bool):
        return {"boolean": value}
    return {"integer" if isinstance(value, int) else "text": value}


def _untagged(data: Any) -> Value:
    """Read a value that says what it is."""
    if isinstance(data, dict) and len(data) == 1:
        ((kind, value),) = data.items()
        read = _TAGS.get(kind)
        if read is not None:
            return read(value)
    raise BackupBroken("a value of the backup is in no known form")


def _of(kind: type) -> Callable[[Any], Any]:
    """Return what takes a value of one type as it is."""

    def read(value: Any) -> Any:
        return value if value is None or type(value) is kind else _untagged(value)

    return read


def _parse_bytes(value: Any) -> Value:
    """Read bytes."""
    if value is None:
        return None
    if type(value) is not str:
        return _untagged(value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BackupBroken("bytes of the backup are no base64") from None


def _parse_moment(value: Any) -> Value:
    """Read a moment."""
    if value is None:
        return None
    return parse_moment(value) if type(value) is str else _untagged(value)


def _parse_day(value: Any) -> Value:
    """Read a day."""
    if value is None:
        return None
    if type(value) is not str:
        return _untagged(value)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise BackupBroken("a day of the backup is none") from None
    if day.isoformat() != value:
        raise BackupBroken("a day of the backup is not in its one form")
    return day


def _parse_real(value: Any) -> Value:
    """Read a number that is no integer."""
    try:
        return float.fromhex(value)
    except (TypeError, ValueError, OverflowError):
        raise BackupBroken("a number of the backup is none") from None


_WRITERS: dict[Kind, Callable[[Value], Any]] = {
    Kind.TEXT: _text, Kind.INTEGER: _integer, Kind.BYTES: _bytes, Kind.MOMENT: _moment,
    Kind.BOOLEAN: _boolean, Kind.REAL: _real, Kind.DAY: _day,
}  # fmt: skip
_READERS: dict[Kind, Callable[[Any], Value]] = {
    Kind.TEXT: _of(str), Kind.INTEGER: _of(int), Kind.BYTES: _parse_bytes,
    Kind.MOMENT: _parse_moment, Kind.BOOLEAN: _of(bool), Kind.REAL: _of(float),
    Kind.DAY: _parse_day,
}  # fmt: skip
_TAGS: dict[str, Callable[[Any], Value]] = {
    "text": _of(str), "integer": _of(int), "bytes": _parse_bytes, "moment": _parse_moment,
    "real": _parse_real, "boolean": _of(bool), "day": _parse_day,
}  # fmt: skip
