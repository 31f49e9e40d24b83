"""What the audit log says of the use of secrets, counted by day and principal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from itertools import groupby

from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome
from domain.errors import InvalidInput

MAX_DAYS = 3650
"""How far a question may reach back."""


class Use(Enum):
    """What a caller did with a secret, or was refused."""

    READ = "read"
    CHANGE = "change"
    DENIAL = "denial"


CHANGES = frozenset(
    {
        Action.CREATE, Action.UPDATE, Action.DELETE, Action.PURGE, Action.RESTORE,
        Action.RESTORE_VERSION, Action.DESTROY_VERSION,
    }
)  # fmt: skip
"""Actions that are counted as changes of a secret."""

USES: Mapping[tuple[Action, Outcome], Use] = {
    (Action.REVEAL, Outcome.DONE): Use.READ,
    **{(action, Outcome.DONE): Use.CHANGE for action in CHANGES},
    **{(action, Outcome.DENIED): Use.DENIAL for action in (*CHANGES, Action.REVEAL)},
}
"""What is counted. Looking at metadata is not: whoever lists secrets sees them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What one principal did with one secret on one day (UTC), and when it last did something."""

    uid: bytes
    day: date
    principal: str
    reads: int = 0
    changes: int = 0
    denials: int = 0
    last_at: datetime

    def plus(self, other: "Activity") -> "Activity":
        """Return both together; of whom and when is that of this one."""
        return replace(
            self,
            reads=self.reads + other.reads,
            changes=self.changes + other.changes,
            denials=self.denials + other.denials,
            last_at=max(self.last_at, other.last_at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MostRead:
    """A secret, how often it was read, and by how many principals."""

    id: int
    name: str
    reads: int
    readers: int
    last_read_at: datetime | None


def activity_of(event: AuditEvent) -> Activity | None:
    """Return what an entry counts for, or `None` when it is about no use of a secret."""
    use = USES.get((event.action, event.outcome))
    if use is None or event.subject.uid is None:
        return None
    return Activity(
        uid=event.subject.uid,
        day=event.at.astimezone(UTC).date(),
        principal=event.principal,
        reads=use is Use.READ,
        changes=use is Use.CHANGE,
        denials=use is Use.DENIAL,
        last_at=event.at,
    )


def summed(activities: Iterable[Activity]) -> list[Activity]:
    """Return one for each secret, day and principal, in this order."""
    sums: list[Activity] = []
    for _, group in groupby(sorted(activities, key=key_of), key=key_of):
        first, *more = group
        for other in more:
            first = first.plus(other)
        sums.append(first)
    return sums


def key_of(activity: Activity) -> tuple[bytes, date, str]:
    """Return what there is one of."""
    return activity.uid, activity.day, activity.principal


def accept_days(days: int) -> int:
    """Return a number of days to look back.

    Raises:
        InvalidInput: it is out of its bounds.
    """
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput("days", f"must be 1 to {MAX_DAYS}")
    return days
