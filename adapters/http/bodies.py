"""Reading JSON bodies: one type, nothing unknown, nothing twice, nothing too large."""

import asyncio
import json
import re
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from adapters.http.backend import backend_of
from adapters.http.refusals import HttpRefusal
from domain.errors import InvalidInput

S = TypeVar("S")

_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `.*`(?P<place>.*)", re.DOTALL)
_INVALID_ENUM = re.compile(r"Invalid (enum )?value .*", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`")
_ONE_OF = re.compile(r"`str` matching regex '\^\((?P<words>[\w|]+)\)\$'")
_KINDS = re.compile(r"`(?P<names>\w+(?: \| \w+)*)`")
_PLACE = re.compile(r" - at `(?P<key>key` in `)?\$(?P<path>[\w.\[\]…]*)`$")
_JSON = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)


_NAMES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a decimal number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "datetime": "a time",
}

_WORDS = (
    ("Expected ", "must be "),
    ("Invalid RFC3339 encoded datetime", "must be a time such as 2030-01-01T00:00:00Z"),
    (" with a timezone component", " with a zone, such as 2030-01-01T00:00:00Z"),
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
            HttpRefusal: the body is no JSON by its content type (415), too large (413), too slow
                (408), cut off or malformed (400).
            InvalidInput: it is JSON of another shape.
        """
        if not _JSON.fullmatch(request.headers.get("content-type", "")):
            raise HttpRefusal(415, "send the body as application/json")
        body = await _received(request)
        try:
            decoded = self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _explain(str(error)) from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise HttpRefusal(400, "the body is not well-formed JSON in UTF-8") from None
        # The typed decoder took it, so depth and items are bounded here.
        json.loads(body, object_pairs_hook=_refuse_duplicates)
        return decoded


async def _received(request: Request[Any, Any, Any]) -> bytes:
    """Wait for the body, but not for ever: each request holds one of a worker's places.

    Raises:
        HttpRefusal: it took too long, or the client went away before its end.
    """
    try:
        async with asyncio.timeout(backend_of(request).body_seconds):
            return await request.body()
    except TimeoutError:
        raise HttpRefusal(408, "the body took too long to arrive") from None
    except InternalServerException:  # what the framework makes of a client that went away
        raise HttpRefusal(400, "the body ended too early") from None


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with one key twice: readers differ in which of them counts (RFC 8259)."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise HttpRefusal(400, "the body has a key twice in one object")


def _explain(message: str) -> InvalidInput:
    """Say what is wrong with the shape, without what the caller sent."""
    place = _PLACE.search(message)
    path = place["path"].lstrip(".") if place else ""
    text = message[: place.start()] if place else message
    if missing := _MISSING.match(text):
        path, text = f"{path}.{missing['field']}".lstrip("."), "is missing"
    elif _UNKNOWN_FIELD.match(text):
        text = "contains a field that is not known here"
    elif _INVALID_ENUM.match(text):
        text = "is not one of the allowed words"
    text = _ONE_OF.sub(lambda found: f"one of {found['words'].replace('|', ', ')}", text)
    text = _KINDS.sub(_kinds, text)
    for technical, plain in _WORDS:
        text = text.replace(technical, plain)
    if place and place["key"]:
        text = f"a key {text}"
    return InvalidInput(path or "body", text[:1].lower() + text[1:])


def _kinds(found: re.Match[str]) -> str:
    """Name the kinds of JSON that the library puts between backticks."""
    return " or ".join(_NAMES.get(name, name) for name in found["names"].split(" | "))
