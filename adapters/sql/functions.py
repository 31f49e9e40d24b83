"""Functions that SQLite and PostgreSQL have under different names."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, LargeBinary
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
