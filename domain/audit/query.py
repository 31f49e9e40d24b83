"""What is looked for in the audit log."""

from dataclasses import dataclass, fields
from datetime import datetime

from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome
from domain.errors import InvalidInput
from domain.secrets.secret import MAX_ID

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

_NO_FILTERS = frozenset({"after", "limit", "newest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Filters, all of which an entry must fit, and a page of what fits, in order.

    `name` is that of a secret as it was then, `uid` its permanent id; `since` belongs to the
    time asked for, `until` does not. `newest` asks for the last entries instead of the first.
    Where no filter is set, places whose entries were erased are part of the page.

    Raises:
        InvalidInput: a number is out of its bounds.
    """

    after: int = 0
    limit: int = DEFAULT_LIMIT
    newest: bool = False
    name: str | None = None
    uid: bytes | None = None
    caller: str | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what the columns cannot hold."""
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput("limit", f"must be 1 to {MAX_LIMIT}")
        if not 0 <= self.after <= MAX_ID:
            raise InvalidInput("after", f"must be 0 to {MAX_ID}")

    @property
    def has_filters(self) -> bool:
        """Tell whether anything is asked of the entries."""
        names = {field.name for field in fields(self)} - _NO_FILTERS
        return any(getattr(self, name) is not None for name in names)

    def fits(self, event: AuditEvent) -> bool:
        """Tell whether every filter lets the event through."""
        asked = (
            (self.name, event.subject.name),
            (self.uid, event.subject.uid),
            (self.caller, event.principal),
            (self.action, event.action),
            (self.outcome, event.outcome),
        )
        return (
            all(wanted is None or wanted == found for wanted, found in asked)
            and (self.since is None or event.at >= self.since)
            and (self.until is None or event.at < self.until)
        )
