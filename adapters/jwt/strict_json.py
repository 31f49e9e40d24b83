"""Reading JSON that somebody else may have made to be read in two ways."""

import json
from typing import Any


class NotReadable(Exception):
    """It is no JSON object, or one that readers could take differently."""


def read_object(text: bytes) -> dict[str, Any]:
    """Return an object of JSON (RFC 8259) in which no name stands twice.

    Raises:
        NotReadable: it is anything else. The message repeats nothing of it.
    """
    try:
        found = json.loads(
            text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise NotReadable("is no JSON, or has a name twice") from None
    if not isinstance(found, dict):
        raise NotReadable("is no JSON object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse one name twice: the signer and the reader could mean another of the two."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_: str) -> None:
    """Refuse `NaN` and `Infinity`, which are no JSON."""
    raise ValueError
