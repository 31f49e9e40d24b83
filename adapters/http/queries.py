"""Reading the query part of an address, strictly."""

import re
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from litestar import Request

from domain.errors import InvalidInput

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_FLAGS = {"true": True, "false": False}
_MAX_FIELDS = 32

E = TypeVar("E", bound=Enum)


class Query:
    """The parameters of one request; `finish` refuses those that nobody asked for."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        """Take the parameters apart.

        Raises:
            InvalidInput: they are not UTF-8, or too many.
        """
        self._given: dict[str, list[str]] = {}
        if not request.scope["query_string"]:
            return
        try:
            pairs = parse_qsl(
                request.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_FIELDS,
            )
        except ValueError:
            raise InvalidInput(
                "query", f"must be percent-encoded UTF-8 with at most {_MAX_FIELDS} parameters"
            ) from None
        for name, value in pairs:
            self._given.setdefault(name, []).append(value)

    def many(self, name: str) -> list[str]:
        """Return every value of a parameter that may stand more than once."""
        return self._given.pop(name, [])

    def text(self, name: str) -> str | None:
        """Return the value of a parameter that stands at most once."""
        values = self.many(name)
        if len(values) > 1:
            raise InvalidInput(name, "must not be given twice")
        return values[0] if values else None

    def number(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        text = self.text(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise InvalidInput(name, "must be a whole number, not negative, of at most 19 digits")
        return int(text)

    def flag(self, name: str) -> bool | None:
        """Return `true` or `false`, or `None`."""
        text = self.text(name)
        if text is not None and text not in _FLAGS:
            raise InvalidInput(name, "must be 'true' or 'false'")
        return None if text is None else _FLAGS[text]

    def word(self, name: str, kind: type[E]) -> E | None:
        """Return one of several words, or `None`."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return kind(text)
        except ValueError:
            words = ", ".join(str(item.value) for item in kind)
            raise InvalidInput(name, f"must be one of {words}") from None

    def finish(self) -> None:
        """Refuse what is left.

        Raises:
            InvalidInput: there are parameters that this call does not know.
        """
        if self._given:
            raise InvalidInput("query", "has a parameter that this call does not know")
