"""Texts with NUL in PostgreSQL, which SQLite keeps as they are."""

from typing import Any

from psycopg import Connection
from psycopg.types.string import StrDumperUnknown, TextLoader

_NUL = "\x00"
_MARK, _NUL_MARKED, _MARK_MARKED = "\ufdd0", "\ufdd0\ufdd1", "\ufdd0\ufdd2"
"""PostgreSQL cannot keep U+0000. Two noncharacters, which Unicode sets aside for use inside a
program, stand for it, and the first of them is marked itself, so that every text comes back."""


def without_nul(text: str) -> str:
    """Write a text, with what stands for NUL."""
    if _NUL in text or _MARK in text:
        return text.replace(_MARK, _MARK_MARKED).replace(_NUL, _NUL_MARKED)
    return text


def with_nul(text: str) -> str:
    """Read a text, with NUL where something stands for it."""
    if _MARK in text:
        return text.replace(_NUL_MARKED, _NUL).replace(_MARK_MARKED, _MARK)
    return text


class _Dumper(StrDumperUnknown):
    """Hands texts to the driver."""

    def dump(self, obj: str) -> Any:
        """Write a text."""
        return super().dump(without_nul(obj))


class _Loader(TextLoader):
    """Takes texts from the driver."""

    def load(self, data: Any) -> str:
        """Read a text."""
        return with_nul(str(data, "utf-8"))


def keep_every_text(connection: Connection[Any]) -> None:
    """Have a connection of the driver take and give texts with NUL."""
    connection.adapters.register_dumper(str, _Dumper)
    connection.adapters.register_loader("text", _Loader)
