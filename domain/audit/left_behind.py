"""What entries that were erased have left of access, so that it is still known."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.audit.facts import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """The last that erased entries say of a role, principal, token or binding that they left.

    `thing` is what entries call it, `number` that of the entry, and `holder` the principal whose
    token it is.
    """

    thing: str
    number: int
    facts: str | None
    holder: str | None = None


def facts_of_left(things: Iterable[LeftBehind]) -> str:
    """Return the SHA-256 of all of it, in hexadecimal: the entry of the erasure has it."""
    rows = sorted([one.thing, one.number, one.facts, one.holder] for one in things)
    return digest_of("left-1", rows)
