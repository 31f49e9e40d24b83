"""Functions that SQLite and PostgreSQL have under different names."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, LargeBinary, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class octets(FunctionElement[bytes]):  # noqa: N801  reads as a function of SQL
    """The bytes of a text in UTF-8."""

    type = LargeBinary()
    inherit_cache = True

    def __init__(self, text: ColumnElement[str]) -> None:
        super().__init__(text)


class place(FunctionElement[int]):  # noqa: N801  reads as a function of SQL
    """Where a text, or some bytes, stands in another for the first time, from 1; 0 if nowhere."""

    type = Integer()
    inherit_cache = True

    def __init__(self, inside: ColumnElement[Any], sought: Any) -> None:
        super().__init__(inside, sought)


class utc_day(FunctionElement[str]):  # noqa: N801  reads as a function of SQL
    """The day of a moment in UTC, as `2030-01-31`."""

    type = String()
    inherit_cache = True

    def __init__(self, moment: ColumnElement[datetime]) -> None:
        super().__init__(moment)


@compiles(octets)
def _octets(element: octets, compiler: Any, **words: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **words)} AS BLOB)"


@compiles(octets, "postgresql")
def _octets_postgresql(element: octets, compiler: Any, **words: Any) -> str:
    # Not a cast: that would read a backslash in the text as the beginning of an escape.
    return f"convert_to({compiler.process(element.clauses, **words)}, 'UTF8')"


@compiles(place)
def _place(element: place, compiler: Any, **words: Any) -> str:
    return f"instr({compiler.process(element.clauses, **words)})"


@compiles(place, "postgresql")
def _place_postgresql(element: place, compiler: Any, **words: Any) -> str:
    inside, sought = (compiler.process(clause, **words) for clause in element.clauses)
    return f"position({sought} IN {inside})"


@compiles(utc_day)
def _utc_day(element: utc_day, compiler: Any, **words: Any) -> str:
    # There a moment is a text that begins with its day.
    return f"substr({compiler.process(element.clauses, **words)}, 1, 10)"


@compiles(utc_day, "postgresql")
def _utc_day_postgresql(element: utc_day, compiler: Any, **words: Any) -> str:
    moment = compiler.process(element.clauses, **words)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
