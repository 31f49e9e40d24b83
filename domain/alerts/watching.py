"""The rules over what somebody did: values in, findings out."""

from collections.abc import Iterator
from datetime import timedelta

from domain.access.action import Action
from domain.alerts.activity import Activity
from domain.alerts.alert import Details, Finding, Rule
from domain.alerts.habit import Habit
from domain.alerts.thresholds import Thresholds

LATE = timedelta(days=1)
"""Entries older than this, as after an upgrade, only teach."""

NOBODY = "nobody"
"""Whom the log names where no credential was known."""

TOUCHING = frozenset({
    Action.REVEAL, Action.UPDATE, Action.DELETE, Action.PURGE, Action.RESTORE,
    Action.RESTORE_VERSION, Action.DESTROY_VERSION,
})  # fmt: skip
"""What touches a decoy. Looking at lists and at metadata does not: everybody comes past there."""


def who_denied(activity: Activity) -> str:
    """Return whom denials are counted for: the caller, or the address where nobody was known."""
    if activity.principal == NOBODY:
        return f"address {activity.address}"
    return f"caller {activity.principal}"


def too_many_reads(activity: Activity, total: int, limits: Thresholds) -> Iterator[Finding]:
    """Judge how many values one caller has read within the window."""
    if not 0 < limits.reads <= total:
        return
    minutes = _minutes(limits.window)
    yield Finding(
        rule=Rule.READS,
        key=f"caller {activity.principal}",
        at=activity.at,
        summary=f"{activity.principal} has read {total} values within {minutes} minutes",
        details={**_seen(activity), "count": total, "minutes": minutes},
        quiet=limits.quiet,
    )


def too_many_denials(activity: Activity, total: int, limits: Thresholds) -> Iterator[Finding]:
    """Judge how often one caller was denied something, or one address was not known."""
    if not 0 < limits.denials <= total:
        return
    minutes, who = _minutes(limits.window), who_denied(activity)
    yield Finding(
        rule=Rule.DENIALS,
        key=who,
        at=activity.at,
        summary=f"the {who} was denied {total} times within {minutes} minutes",
        details={**_seen(activity), "count": total, "minutes": minutes},
        quiet=limits.quiet,
    )


def first_read(activity: Activity, habit: Habit, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a caller reads for the first time a secret that others have read for long.

    A caller who has come only lately reads everything for the first time, and so does everybody
    with a secret that is new; neither is unusual.
    """
    if not (limits.first_reads and habit.is_known(activity.at, limits.learning)):
        return
    yield Finding(
        rule=Rule.FIRST_READ,
        key=f"caller {activity.principal}",
        at=activity.at,
        summary=f"{activity.principal} has read {activity.name} for the first time",
        details=_seen(activity),
        quiet=limits.quiet,
        about=activity.name,
    )


def unusual_hour(activity: Activity, habit: Habit, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a caller reads at an hour at which it never did."""
    if not (limits.unusual_hours and habit.is_unusual(activity.at, limits.learning)):
        return
    hour = f"{activity.at:%H}:00 UTC"
    yield Finding(
        rule=Rule.UNUSUAL_HOUR,
        key=f"caller {activity.principal}",
        at=activity.at,
        summary=f"{activity.principal} reads values at {hour}, when it never did",
        details={**_seen(activity), "hour": activity.at.hour},
        quiet=limits.quiet,
    )


def decoy_touched(activity: Activity, limits: Thresholds) -> Iterator[Finding]:
    """Judge that somebody touches a secret that nobody has a reason to touch, or tries to."""
    if not limits.decoys or activity.action not in TOUCHING:
        return
    uid = b"" if activity.uid is None else activity.uid
    yield Finding(
        rule=Rule.DECOY,
        key=f"decoy {uid.hex()} {activity.principal} {activity.address}",
        at=activity.at,
        summary=f"{activity.principal} has touched the decoy {activity.name}",
        details=_seen(activity),
        quiet=limits.quiet,
        about=activity.name,
    )


def _seen(activity: Activity) -> Details:
    """Return what is known of the first of these entries."""
    return {
        "principal": activity.principal,
        "address": activity.address,
        "action": activity.action.value,
        "outcome": activity.outcome.value,
        "name": activity.name,
        "entry": activity.first,
    }


def _minutes(window: timedelta) -> int:
    """Return a window in minutes."""
    return max(1, int(window.total_seconds()) // 60)
