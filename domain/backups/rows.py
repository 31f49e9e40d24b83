"""Rows of any store, in a form that another kind of store takes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

Value = str | int | float | bool | bytes | datetime | date | None
"""What one column of a row holds. Moments are aware, in UTC, and exact to the microsecond."""

Row = tuple[Value, ...]
"""The values of one row, in the order of the columns."""


class Kind(Enum):
    """What a column is for. The words stand in backups: only ever add to them."""

    TEXT = "text"
    INTEGER = "integer"
    BYTES = "bytes"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    REAL = "real"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, by its name in the migrations."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """One table as a store of some revision has it.

    `last_id` is the highest id that was ever given out where the store gives out ids, so that one
    is not given out again after its row is gone. `key` names the columns that tell rows apart, in
    whose order they come; a backup does not say it.
    """

    name: str
    columns: tuple[Column, ...]
    last_id: int | None = None
    key: tuple[str, ...] = ()
