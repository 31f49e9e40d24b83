"""Reading JSON bodies: one type, nothing unknown, nothing twice, nothing too large."""

import json
import re
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request

from adapters.http.refusals import HttpRefusal
from domain.errors import InvalidInput

S = TypeVar("S")

_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `.*`(?P<place>.*)", re.DOTALL)
_INVALID_ENUM = re.compile(r"Invalid (enum )?value .*", re.DOTALL)
_PLACE = re.compile(r" - at `(?:key in )?\$(?P<path>[\w.\[\]…]*)`$")
_JSON = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)


_WORDS = (
    ("Expected ", "must be "),
    ("`str`", "a text"),
    ("`int`", "a whole number"),
    ("`object`", "an object"),
    ("`array`", "a list"),
    ("`null`", "null"),
    (", got ", ", not "),
    (" of length >= ", " of a length of at least "),
    (" of length <= ", " of a length of at most "),
    (" >= ", " of at least "),
    (" <= ", " of at most "),
)
"""What the library says, and what a person would."""


class JsonBody(Generic[S]):
    """A decoder for bodies of one type.

    The type bounds depth and items: what it does not foresee stops the decoder at once, before
    anything is built from it.
    """

    def __init__(self, shape: type[S]) -> None:
        """Take the type, which must forbid unknown fields."""
        self._decoder = msgspec.json.Decoder(shape, strict=True)

    async def read(self, request: Request[Any, Any, Any]) -> S:
        """Return the decoded body.

        Raises:
            HttpRefusal: the body is no JSON by its content type (415), too large (413) or
                malformed (400).
            InvalidInput: it is JSON of another shape.
        """
        if not _JSON.fullmatch(request.headers.get("content-type", "")):
            raise HttpRefusal(415, "send the body as application/json")
        body = await request.body()
        try:
            decoded = self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _explain(str(error)) from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise HttpRefusal(400, "the body is not well-formed JSON in UTF-8") from None
        # The typed decoder took it, so depth and items are bounded here.
        json.loads(body, object_pairs_hook=_refuse_duplicates)
        return decoded


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with one key twice: readers differ in which of them counts (RFC 8259)."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise HttpRefusal(400, "the body has a key twice in one object")


def _explain(message: str) -> InvalidInput:
    """Say what is wrong with the shape, without what the caller sent."""
    place = _PLACE.search(message)
    path = place["path"].lstrip(".") if place else ""
    text = message[: place.start()] if place else message
    if _UNKNOWN_FIELD.match(text):
        text = "contains a field that is not known here"
    elif _INVALID_ENUM.match(text):
        text = "is not one of the allowed words"
    for technical, plain in _WORDS:
        text = text.replace(technical, plain)
    return InvalidInput(path or "body", text[:1].lower() + text[1:])
