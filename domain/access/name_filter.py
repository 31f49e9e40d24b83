"""Which names a caller may see, in a form that a store can look for."""

from dataclasses import dataclass

from domain.access.pattern import EVERYTHING, NamePattern, any_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFilter:
    """Lets through what one pattern allows and none denies."""

    allowed: frozenset[NamePattern]
    denied: frozenset[NamePattern] = frozenset()

    def admits(self, name: str) -> bool:
        """Tell whether the name gets through."""
        return any_matches(self.allowed, name) and not any_matches(self.denied, name)


EVERY_NAME = NameFilter(allowed=frozenset({EVERYTHING}))
