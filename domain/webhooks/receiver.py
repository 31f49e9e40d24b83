"""Who is told what, as far as the inside has to know."""

from dataclasses import dataclass

from domain.access.pattern import NamePattern, any_matches
from domain.webhooks.notice import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A receiver by its name: what it is told about, and of which secrets."""

    name: str
    topics: frozenset[Topic]
    names: tuple[NamePattern, ...]

    def wants(self, topic: Topic, secret_name: str | None = None) -> bool:
        """Tell whether it is to be told; what is about no secret of a name concerns all."""
        if topic not in self.topics:
            return False
        return secret_name is None or any_matches(self.names, secret_name)
