"""What somebody did within a minute, counted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.access.action import Action
from domain.access.caller import INSIDE
from domain.audit.event import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Entries of one minute that have everything in common that is looked at.

    `minute` counts from 1970 on; `first` is the number of the first of these entries. `uid` and
    `name` are those of the secret, where it is looked at.
    """

    minute: int
    principal: str
    address: str
    action: Action
    outcome: Outcome
    uid: bytes | None
    name: str | None
    count: int
    first: int

    @property
    def at(self) -> datetime:
        """Return when the minute began."""
        return datetime.fromtimestamp(self.minute * 60, UTC)

    @property
    def is_reading(self) -> bool:
        """Tell whether a value was read by somebody outside."""
        return (
            self.action is Action.REVEAL and self.outcome is Outcome.DONE and self.address != INSIDE
        )

    @property
    def is_denial(self) -> bool:
        """Tell whether somebody outside was denied something, or was not known at all."""
        return self.outcome is Outcome.DENIED and self.address != INSIDE
