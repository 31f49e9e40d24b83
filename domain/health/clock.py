"""Judging the clock by moments that were written down and cannot have come yet."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.health.finding import Finding, error, warning

CHECK = "clock"

TOLERANCE = timedelta(minutes=5)
"""How far the clocks of several machines may lie apart."""

FAR = timedelta(days=366)
"""Nobody sets a clock back by this much on purpose."""


def judge(now: datetime, newest: Mapping[str, datetime]) -> Iterator[Finding]:
    """Say which moments lie in the future.

    Args:
        now: the present moment by the clock of this machine.
        newest: the latest moment that was seen, by the place where it stands.
    """
    for place, moment in newest.items():
        ahead = moment - now
        if ahead > FAR:
            yield error(
                CHECK,
                f"the newest moment in {place} lies absurdly far in the future, {_told(moment)}",
                "see that the clock is right (timedatectl); it was wrong then or is wrong now,"
                " and schedules and the recycle bin go by it",
            )
        elif ahead > TOLERANCE:
            yield warning(
                CHECK,
                f"the newest moment in {place} lies in the future, {_told(moment)}:"
                " the clock was set back, or went wrong then",
                "see that the clock is right (timedatectl)",
            )


def _told(moment: datetime) -> str:
    """Write a moment to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
