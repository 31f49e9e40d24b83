"""What erased entries have left of access, in memory."""

from collections.abc import Sequence

from adapters.memory.tables import Tables
from domain.audit.left_behind import LeftBehind
from domain.ports.access_left import AccessLeft


class MemoryAccessLeft(AccessLeft):
    """Keeps one row for a thing."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def all(self) -> Sequence[LeftBehind]:
        """Return everything, ordered by the thing."""
        return [self._tables.audit_left[thing] for thing in sorted(self._tables.audit_left)]

    def put(self, left: LeftBehind) -> None:
        """Keep what is left of a thing, in the place of what was known of it."""
        self._tables.audit_left.put(left.thing, left)

    def drop(self, thing: str) -> None:
        """Forget a thing; one that is not known is passed over."""
        if thing in self._tables.audit_left:
            self._tables.audit_left.drop(thing)
