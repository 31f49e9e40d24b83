"""What is looked for among the alerts."""

from dataclasses import dataclass

from domain.alerts.alert import Alert, Rule
from domain.errors import InvalidInput
from domain.secrets.secret import MAX_ID

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuery:
    """Filters, all of which an alert must fit, and a page of what fits, the newest first.

    `before` is the cursor: only ids below it.

    Raises:
        InvalidInput: a number is out of its bounds.
    """

    before: int | None = None
    limit: int = DEFAULT_LIMIT
    rule: Rule | None = None
    acknowledged: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what the columns cannot hold."""
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput("limit", f"must be 1 to {MAX_LIMIT}")
        if self.before is not None and not 1 <= self.before <= MAX_ID:
            raise InvalidInput("before", f"must be 1 to {MAX_ID}")

    def fits(self, alert: Alert) -> bool:
        """Tell whether every filter lets the alert through."""
        return (
            (self.before is None or alert.id < self.before)
            and self.rule in {None, alert.rule}
            and (
                self.acknowledged is None
                or self.acknowledged is (alert.acknowledged_at is not None)
            )
        )
