"""What the store remembers of its root keys: never the key, only that there was one."""

from dataclasses import dataclass
from datetime import datetime

FIRST_GENERATION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKeyRecord:
    """One root key in the succession. Generations begin at 1 and grow by one.

    `source` is the URI of the place that it came from, without anything secret in it.
    """

    generation: int
    source: str
    since: datetime
    principal: str

    def followed_by(self, *, source: str, since: datetime, principal: str) -> "RootKeyRecord":
        """Return the record of the next root key."""
        return RootKeyRecord(
            generation=self.generation + 1, source=source, since=since, principal=principal
        )
