"""When a caller usually reads, as far as the log tells."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MIN_DAYS = 5
"""Days on which somebody must have read before any hour is unusual for them."""

_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """The hours of the day (UTC) in which a caller has read values, and since when.

    `hours` has a bit for each hour. `days` counts the days on which there was a reading, and
    `last_day` is the newest of them, as `date.toordinal` counts.
    """

    principal: str
    since: datetime
    hours: int = 0
    days: int = 0
    last_day: int = -1

    def after(self, at: datetime) -> "Habit":
        """Return the habit with one more reading."""
        day = at.toordinal()
        return replace(
            self,
            since=min(self.since, at),
            hours=self.hours | 1 << at.hour,
            days=self.days + (day > self.last_day),
            last_day=max(day, self.last_day),
        )

    def is_known(self, at: datetime, learning: timedelta) -> bool:
        """Tell whether the caller has read values for long enough to have habits."""
        return self.days > 0 and at - self.since >= learning

    def is_unusual(self, at: datetime, learning: timedelta) -> bool:
        """Tell whether a reading falls into an hour in which, and beside which, there was none."""
        near = {(at.hour + step) % _HOURS for step in (-1, 0, 1)}
        return (
            self.is_known(at, learning)
            and self.days >= MIN_DAYS
            and not any(self.hours >> hour & 1 for hour in near)
        )
