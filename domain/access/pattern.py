"""Patterns of names: compared segment by segment, exactly, and never built out of input.

A pattern is split at its slashes, as a name is. `*` stands for one whole segment, whatever it is.
`**` stands at the end only, for one segment or more. Every other segment stands for itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.errors import InvalidInput
from domain.secrets.name import fault

ONE = "*"
REST = "**"

MAX_ONES = 2
"""Stars for one segment in a pattern; what a store makes of a pattern doubles with each."""


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern that keeps the rule of names, so that what it says is what is stored.

    Raises:
        InvalidInput: it breaks the rule, or has a star where none may stand.
    """

    text: str
    segments: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no pattern, and take it apart once."""
        segments = tuple(self.text.split("/"))
        reason = fault(self.text) or _star_fault(segments)
        if reason is not None:
            raise InvalidInput("names", reason)
        object.__setattr__(self, "segments", segments)

    @property
    def is_deep(self) -> bool:
        """Tell whether it ends in `**`."""
        return self.segments[-1] == REST

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return the segments before `**`, or all."""
        return self.segments[:-1] if self.is_deep else self.segments

    def matches(self, name: str) -> bool:
        """Tell whether the name fits. Names of earlier backends may have empty segments."""
        segments = name.split("/")
        if not self._takes(len(segments)):
            return False
        pairs = zip(self.fixed, segments, strict=False)
        return all(own in {ONE, given} for own, given in pairs)

    def covers(self, other: "NamePattern") -> bool:
        """Tell whether every name that fits the other fits this one too."""
        if other.is_deep and not self.is_deep:
            return False
        if not self._takes(len(other.segments)):
            return False
        pairs = zip(self.fixed, other.segments, strict=False)
        return all(own in {ONE, theirs} for own, theirs in pairs)

    def meets(self, other: "NamePattern") -> bool:
        """Tell whether some name fits both."""
        if not (self.is_deep and other.is_deep):
            longer, shorter = (self, other) if not self.is_deep else (other, self)
            if not shorter._takes(len(longer.segments)):  # noqa: SLF001  one of its own kind
                return False
        pairs = zip(self.fixed, other.fixed, strict=False)
        return all(ONE in pair or pair[0] == pair[1] for pair in pairs)

    def _takes(self, count: int) -> bool:
        """Tell whether a name of so many segments may fit."""
        return count >= len(self.segments) if self.is_deep else count == len(self.segments)


def any_matches(patterns: Iterable[NamePattern], name: str) -> bool:
    """Tell whether the name fits one of the patterns."""
    return any(pattern.matches(name) for pattern in patterns)


def _star_fault(segments: tuple[str, ...]) -> str | None:
    """Say which star stands wrong."""
    if REST in segments[:-1]:
        return "may have '**' at the end only, where it stands for everything below"
    if any("*" in segment and segment not in {ONE, REST} for segment in segments):
        return "must have a star alone between slashes, where '*' stands for any one segment"
    if segments.count(ONE) > MAX_ONES:
        return f"must not have '*' more than {MAX_ONES} times"
    return None


EVERYTHING = NamePattern(REST)
