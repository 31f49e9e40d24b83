"""The names that backups lie under."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_NAME = re.compile(
    r"strongroom-(?P<store>[0-9a-f]{16})-(?P<at>[0-9]{8}T[0-9]{6}Z)-[0-9a-f]{8}\.jsonl\.gz(\.age)?"
)
_AT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the name of a backup says: which store it is of, and when it was begun."""

    name: str
    store: str
    at: datetime


def name_of(store: str, at: datetime, *, chance: bytes, suffix: str) -> str:
    """Return the name of a new backup; `chance` are four random bytes, which keep two apart."""
    return f"strongroom-{store}-{at.astimezone(UTC).strftime(_AT)}-{chance.hex()}.jsonl.gz{suffix}"


def parse_name(name: str) -> Named | None:
    """Return what a name says, or `None` for one that is no backup's."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match["at"], _AT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Named(name=name, store=match["store"], at=at)
