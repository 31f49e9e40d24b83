"""What a text is in PostgreSQL: compared by bytes and of any length, as SQLite keeps it.

The tables need this on every database. What the driver has to be told stands apart, so that a
server on SQLite does not load it (`adapters/sql/postgresql_nul.py`).
"""

from typing import Any

from sqlalchemy import Column, String, Text
from sqlalchemy.ext.compiler import compiles


@compiles(Text, "postgresql")
@compiles(String, "postgresql")
def _text(kind: String, _compiler: object, **words: Any) -> str:
    """Write the type of a text.

    The collation `C` has the order of code points that the ports promise, and does not change with
    the system's libraries, which would damage indexes. How long a text may be is for the domain.
    """
    is_column = isinstance(words.get("type_expression"), Column)
    return 'TEXT COLLATE "C"' if is_column and kind.collation is None else "TEXT"
