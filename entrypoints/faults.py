"""Saying which key of a table in the settings is wrong, without what was given."""

import re
from typing import Any

import msgspec

_FIELD = re.compile(r"\$(?:\[\d+\])?\.?(\w+)")
_UNKNOWN = re.compile(r"unknown field `(\w+)`", re.ASCII)
_MISSING = re.compile(r"missing required field `(\w+)`", re.ASCII)


def fault_of(place: str, kind: type[msgspec.Struct], given: object) -> str | None:
    """Say what is wrong with a table, or return `None` when nothing is.

    Args:
        place: how the settings call the table.
        kind: what it is to be.
        given: what it is.
    """
    try:
        msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        return _words(place, kind, str(error))
    return None


def _words(place: str, kind: type[msgspec.Struct], told: str) -> str:
    """Put what the library found into words that repeat nothing: its own may hold a password."""
    unknown = _UNKNOWN.search(told)
    if unknown is not None:
        known = ", ".join(kind.__struct_fields__)
        return f"the setting '{place}' has an unknown part '{unknown[1]}'; known are {known}"
    missing = _MISSING.search(told)
    if missing is not None:
        needed = [f"'{one.encode_name}'" for one in msgspec.structs.fields(kind) if one.required]
        return f"the setting '{place}' needs {' and '.join(needed)}; '{missing[1]}' is missing"
    field = _FIELD.search(told)
    if field is None:
        return (
            f"the setting '{place}' has a value that it may not have; it is a table of"
            f" {', '.join(kind.__struct_fields__)}"
        )
    words = _allowed(kind, field[1])
    return f"the setting '{place}.{field[1]}' has a value that it may not have{words}"


def _allowed(kind: type[msgspec.Struct], name: str) -> str:
    """Say which words a key takes, where it takes some only."""
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    if name not in types:
        return ""
    schema: dict[str, Any] = msgspec.json.schema(types[name])
    words = schema.get("items", schema).get("enum", ())
    return f"; it is of {', '.join(word or 'nothing' for word in words)}" if words else ""
