"""Which backups are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.backups.name import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many are kept: the newest ones, and the newest of each day, week (ISO 8601) and month.

    What one of the rules keeps is kept. With nothing but zeros everything is kept.
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def surplus(self, backups: Sequence[Named]) -> Sequence[Named]:
        """Return the backups that no rule keeps, oldest first. The newest is never among them."""
        newest_first = sorted(backups, key=lambda one: (one.at, one.name), reverse=True)
        if not any((self.last, self.daily, self.weekly, self.monthly)):
            return []
        kept = {one.name for one in newest_first[: max(self.last, 1)]}
        for count, period in (
            (self.daily, _day), (self.weekly, _week), (self.monthly, _month),
        ):  # fmt: skip
            kept |= _newest_of_each(newest_first, period, count)
        return [one for one in reversed(newest_first) if one.name not in kept]


def _newest_of_each(
    newest_first: Sequence[Named], period: Callable[[Named], object], count: int
) -> set[str]:
    """Return the newest of each of the `count` latest periods that have one."""
    first: dict[object, str] = {}
    for one in newest_first:
        first.setdefault(period(one), one.name)
    return set(list(first.values())[:count])


def _day(one: Named) -> object:
    """Return the day in UTC."""
    return one.at.date()


def _week(one: Named) -> object:
    """Return the week in UTC."""
    return one.at.isocalendar()[:2]


def _month(one: Named) -> object:
    """Return the month in UTC."""
    return one.at.year, one.at.month
