"""Claims of a signed token, and how one of them is named."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import InvalidInput
from domain.text import has_invisible, has_lone_surrogate

MAX_CLAIM = 255
"""Characters of the name of a claim, and of the text that it is compared with."""

Path = tuple[str, ...]


def path_of(name: str) -> Path:
    """Return where a claim stands.

    A name that begins with `/` is a JSON Pointer (RFC 6901), so `/kubernetes.io/namespace` is the
    member `namespace` of the claim `kubernetes.io`. Any other name is that of one claim, whole:
    dots mean nothing, because names of claims may have them.

    Raises:
        InvalidInput: it is no text that a claim can be named by.
    """
    if not 1 <= len(name) <= MAX_CLAIM or has_lone_surrogate(name) or has_invisible(name):
        raise InvalidInput("claims", f"must have names of 1 to {MAX_CLAIM} visible characters")
    if not name.startswith("/"):
        return (name,)
    if "~" in name.replace("~0", "").replace("~1", ""):
        raise InvalidInput("claims", "must have pointers in which '~' is written as '~0'")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in name[1:].split("/"))


def accept_text(text: str) -> str:
    """Return what a claim is to be.

    Raises:
        InvalidInput: it is no text that a claim can be compared with.
    """
    if not 1 <= len(text) <= MAX_CLAIM or has_lone_surrogate(text) or has_invisible(text):
        raise InvalidInput("claims", f"must have texts of 1 to {MAX_CLAIM} visible characters")
    return text


def texts_of(claims: Mapping[str, Any]) -> dict[Path, str]:
    """Return every claim that is a text, also within others, by where it stands.

    Lists are passed over, and so is whatever else is no text: it equals no text.
    """
    return dict(_walk((), claims))


def _walk(place: Path, claims: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Go through an object and the objects in it."""
    for name, value in claims.items():
        if isinstance(value, str):
            yield (*place, name), value
        elif isinstance(value, dict):
            yield from _walk((*place, name), value)
