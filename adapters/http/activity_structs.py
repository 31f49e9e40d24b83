"""The JSON of the use of secrets."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import msgspec

from application.audit.read_activity import SecretActivity
from domain.audit.activity import Activity, MostRead


class ActivityOfDay(msgspec.Struct, kw_only=True):
    """What was done with a secret on one day (UTC). Days without anything are left out."""

    day: date
    reads: int
    changes: int
    denials: int


class ActivityOfPrincipal(msgspec.Struct, kw_only=True):
    """What one principal did with a secret, and when it last did something."""

    principal: str
    reads: int
    changes: int
    denials: int
    last_at: datetime


class SecretActivityAnswer(msgspec.Struct, kw_only=True):
    """How a secret was used; `pending` entries of the audit log are not counted yet."""

    id: int
    name: str
    last_read_at: datetime | None
    reads: int
    changes: int
    denials: int
    days: Sequence[ActivityOfDay]
    principals: Sequence[ActivityOfPrincipal]
    pending: int


class MostReadSecret(msgspec.Struct, kw_only=True):
    """How often a secret was read, and by how many principals."""

    id: int
    name: str
    reads: int
    readers: int
    last_read_at: datetime | None


def activity(of: SecretActivity) -> SecretActivityAnswer:
    """Write out the use of a secret: those who read most come first."""
    by_day = _grouped(of.activities, lambda item: item.day)
    by_principal = _grouped(of.activities, lambda item: item.principal)
    principals = [
        ActivityOfPrincipal(
            principal=items[0].principal,
            last_at=max(item.last_at for item in items),
            **_totals(items),
        )
        for items in by_principal
    ]
    return SecretActivityAnswer(
        id=of.secret.id,
        name=of.secret.name,
        last_read_at=of.secret.last_read_at,
        days=[ActivityOfDay(day=items[0].day, **_totals(items)) for items in by_day],
        principals=sorted(principals, key=lambda one: (-one.reads, one.principal)),
        pending=of.pending,
        **_totals(of.activities),
    )


def most_read(of: MostRead) -> MostReadSecret:
    """Write out one of the most read."""
    return MostReadSecret(
        id=of.id, name=of.name, reads=of.reads, readers=of.readers, last_read_at=of.last_read_at
    )


def _grouped(items: Iterable[Activity], key: Callable[[Activity], Any]) -> list[list[Activity]]:
    """Return the items that have the same key together, by key."""
    return [list(group) for _, group in groupby(sorted(items, key=key), key=key)]


def _totals(items: Iterable[Activity]) -> dict[str, int]:
    """Return the sums."""
    kept = list(items)
    return {
        name: sum(getattr(item, name) for item in kept) for name in ("reads", "changes", "denials")
    }
