"""What an examination finds, how bad that is, and what mends it.

These are values of the domain because a store's own adapter makes them as well as a use case does,
and what prints them knows neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad a finding is. Programs read the words: only ever add to them."""

    ERROR = "error"
    """A start is refused, or something is lost, open to others, or cannot be read."""
    WARNING = "warning"
    """Nothing is lost yet, but somebody should see to it."""
    NOTE = "note"
    """Worth knowing; nothing has to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found, by one check.

    `mend` is a command or a setting where there is one. Neither text holds a value, a name of a
    secret or anything else that only a caller with rights may see: secrets are told by their ids.
    """

    check: str
    level: Level
    finding: str
    mend: str


def error(check: str, finding: str, mend: str) -> Finding:
    """Return a finding of the worst kind."""
    return Finding(check=check, level=Level.ERROR, finding=finding, mend=mend)


def warning(check: str, finding: str, mend: str) -> Finding:
    """Return a finding that somebody should see to."""
    return Finding(check=check, level=Level.WARNING, finding=finding, mend=mend)


def note(check: str, finding: str, mend: str) -> Finding:
    """Return a finding that is worth knowing."""
    return Finding(check=check, level=Level.NOTE, finding=finding, mend=mend)


def refusal(check: str, cause: Exception, *, mend: str) -> Finding:
    """Return the error that a start would end with, its words parted into finding and mend.

    Args:
        check: what was looked at.
        cause: the error. Its message says what happened, and behind a semicolon the way back.
        mend: what to do when the message does not say.
    """
    finding, _, way_back = str(cause).partition("; ")
    return error(check, finding, way_back.removeprefix("mend it with: ") or mend)


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Tell whether nothing was found that is worse than a warning."""
    return all(found.level is not Level.ERROR for found in findings)
