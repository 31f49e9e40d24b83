"""What a verification of the log has found."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it must be: where, by entry number and by secret id, and what."""

    entry: int | None = None
    secret: int | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How much was looked at, and everything that was found wrong."""

    size: int
    root: bytes
    erased: int
    checkpoints: int
    secrets: int
    adopted: Sequence[int]
    """Entries that say that the tip was vouched for as it was found; nothing wrong in itself."""
    replaced: Sequence[int]
    """Entries that say that a new key took the place of a lost one; nothing wrong in itself."""
    findings: Sequence[Finding]
