"""Who is told what, as far as the inside has to know."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.access.pattern import NamePattern, any_matches
from domain.webhooks.notice import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A receiver by its name: what it is told about, and of which secrets."""

    name: str
    topics: frozenset[Topic]
    names: tuple[NamePattern, ...]

    def wants(self, topic: Topic, names: Collection[str] = ()) -> bool:
        """Tell whether it is to be told of secrets of names; what is about none concerns all."""
        if topic not in self.topics:
            return False
        return not names or any(any_matches(self.names, name) for name in names)
