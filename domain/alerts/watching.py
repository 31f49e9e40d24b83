"""The rules over what somebody did: values in, findings out."""

from collections.abc import Iterator
from datetime import timedelta

from domain.access.action import Action
from domain.access.caller import NOBODY
from domain.alerts.alert import Details, Finding, Rule
from domain.alerts.habit import Habit
from domain.alerts.sighting import Sighting
from domain.alerts.thresholds import Thresholds

LATE = timedelta(days=1)
"""Entries older than this, as after an upgrade, only teach."""

TOUCHING = frozenset({
    Action.REVEAL, Action.UPDATE, Action.DELETE, Action.PURGE, Action.RESTORE,
    Action.RESTORE_VERSION, Action.DESTROY_VERSION,
})  # fmt: skip
"""What touches a decoy. Looking at lists and at metadata does not: everybody comes past there."""


def who_denied(sighting: Sighting) -> str:
    """Return whom denials are counted for: the caller, or the address where nobody was known."""
    if sighting.principal == NOBODY:
        return f"address {sighting.address}"
    return f"caller {sighting.principal}"


def too_many_reads(sighting: Sighting, total: int, limits: Thresholds) -> Iterator[Finding]:
    """Judge how many values one caller has read within the window."""
    if not 0 < limits.reads <= total:
        return
    minutes = limits.window_minutes
    yield Finding(
        rule=Rule.READS,
        key=f"caller {sighting.principal}",
        at=sighting.at,
        summary=f"{sighting.principal} has read {total} values within {minutes} minutes",
        details={**_seen(sighting), "count": total, "minutes": minutes},
        quiet=limits.quiet,
    )


def too_many_denials(sighting: Sighting, total: int, limits: Thresholds) -> Iterator[Finding]:
    """Judge how often one caller was denied something, or one address was not known."""
    if not 0 < limits.denials <= total:
        return
    minutes, who = limits.window_minutes, who_denied(sighting)
    yield Finding(
        rule=Rule.DENIALS,
        key=who,
        at=sighting.at,
        summary=f"the {who} was denied {total} times within {minutes} minutes",
        details={**_seen(sighting), "count": total, "minutes": minutes},
        quiet=limits.quiet,
    )


def first_read(sighting: Sighting, habit: Habit, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a caller reads for the first time a secret that others have read for long.

    A caller who has come only lately reads everything for the first time, and so does everybody
    with a secret that is new; neither is unusual.
    """
    if not (limits.first_reads and habit.is_known(sighting.at, limits.learning)):
        return
    yield Finding(
        rule=Rule.FIRST_READ,
        key=f"caller {sighting.principal}",
        at=sighting.at,
        summary=f"{sighting.principal} has read {sighting.name} for the first time",
        details=_seen(sighting),
        quiet=limits.quiet,
        about=sighting.name,
    )


def unusual_hour(sighting: Sighting, habit: Habit, limits: Thresholds) -> Iterator[Finding]:
    """Judge that a caller reads at an hour at which it never did."""
    if not (limits.unusual_hours and habit.is_unusual(sighting.at, limits.learning)):
        return
    hour = f"{sighting.at:%H}:00 UTC"
    yield Finding(
        rule=Rule.UNUSUAL_HOUR,
        key=f"caller {sighting.principal}",
        at=sighting.at,
        summary=f"{sighting.principal} reads values at {hour}, when it never did",
        details={**_seen(sighting), "hour": sighting.at.hour},
        quiet=limits.quiet,
    )


def decoy_touched(sighting: Sighting, limits: Thresholds) -> Iterator[Finding]:
    """Judge that somebody touches a secret that nobody has a reason to touch, or tries to."""
    if not limits.decoys or sighting.action not in TOUCHING:
        return
    uid = b"" if sighting.uid is None else sighting.uid
    yield Finding(
        rule=Rule.DECOY,
        key=f"decoy {uid.hex()} {sighting.principal} {sighting.address}",
        at=sighting.at,
        summary=f"{sighting.principal} has touched the decoy {sighting.name}",
        details=_seen(sighting),
        quiet=limits.quiet,
        about=sighting.name,
    )


def _seen(sighting: Sighting) -> Details:
    """Return what is known of the first of these entries."""
    return {
        "principal": sighting.principal,
        "address": sighting.address,
        "action": sighting.action.value,
        "outcome": sighting.outcome.value,
        "name": sighting.name,
        "entry": sighting.first,
    }
