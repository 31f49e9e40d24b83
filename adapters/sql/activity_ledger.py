"""How much secrets are used, counted in SQL: of thousands of entries a few sums come out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from adapters.sql.activity_table import secret_activity
from adapters.sql.audit_log import UNREADABLE, SqlAuditLog
from adapters.sql.audit_tables import audit_entries
from adapters.sql.functions import utc_day
from adapters.sql.statements import Statement
from adapters.sql.types import UtcDateTime
from domain.audit.activity import USES, Activity, Use, activity_of, summed
from domain.audit.event import AuditEvent, Outcome
from domain.audit.query import MAX_LIMIT, AuditQuery
from domain.ports.activity_ledger import ActivityLedger

_entry = audit_entries.c
_day = utc_day(_entry.at)


def _uses(*kinds: Use) -> ColumnElement[bool]:
    """Return the condition that an entry is a use of one of these kinds."""
    actions = {
        outcome: [a.value for (a, o), use in USES.items() if o is outcome and use in kinds]
        for outcome in Outcome
    }
    return or_(
        *(and_(_entry.outcome == o.value, _entry.action.in_(a)) for o, a in actions.items() if a)
    )


_COUNTED = (
    select(
        _entry.secret_uid,
        _day,
        _entry.principal,
        *(func.count().filter(_uses(use)) for use in (Use.READ, Use.CHANGE, Use.DENIAL)),
        func.max(_entry.at),
    )
    .where(
        _entry.id > bindparam("after"),
        _entry.id <= bindparam("upto"),
        _entry.secret_uid.is_not(None),
        _uses(*Use),
    )
    .group_by(_entry.secret_uid, _day, _entry.principal)
    .order_by(_entry.secret_uid, _day, _entry.principal)
)

_kept = secret_activity.c
_ADD = Statement(
    update(secret_activity)
    .where(
        _kept.secret_uid == bindparam("of_uid"),
        _kept.day == bindparam("of_day"),
        _kept.principal == bindparam("of_principal"),
    )
    .values(
        reads=_kept.reads + bindparam("more_reads"),
        changes=_kept.changes + bindparam("more_changes"),
        denials=_kept.denials + bindparam("more_denials"),
        last_at=case(
            (
                _kept.last_at < bindparam("at", type_=UtcDateTime()),
                bindparam("at", type_=UtcDateTime()),
            ),
            else_=_kept.last_at,
        ),
    )
)
_FIRST = Statement(insert(secret_activity).inline())
_FORGET = delete(secret_activity).where(_kept.day < bindparam("before"))


class SqlActivityLedger(ActivityLedger):
    """Keeps the table `secret_activity`."""

    def __init__(self, connection: Connection, log: SqlAuditLog) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._log = log
        self._add = _ADD.on(connection)
        self._first = _FIRST.on(connection)

    def counted(self, *, after: int, upto: int) -> Sequence[Activity]:
        """Return what entries amount to; one by one when there is one that cannot be read."""
        try:
            rows = self._connection.execute(_COUNTED, {"after": after, "upto": upto})
            return [_to_activity(row) for row in rows]
        except UNREADABLE:
            found = (activity_of(event) for event in self._events(after, upto))
            return summed(activity for activity in found if activity is not None)

    def add(self, activities: Iterable[Activity]) -> None:
        """Add to the counts."""
        for activity in activities:
            if self._add.run(_changes(activity)) == 0:
                self._first.run(_row(activity))

    def forget(self, *, before: date) -> int:
        """Erase the counts of the days before one."""
        return self._connection.execute(_FORGET, {"before": before}).rowcount

    def _events(self, after: int, upto: int) -> Iterator[AuditEvent]:
        """Return what happened, without entries that cannot be read."""
        while after < upto:
            page = self._log.page(AuditQuery(after=after, limit=min(MAX_LIMIT, upto - after)))
            if not page:
                return
            after = page[-1].number
            yield from (record.entry.event for record in page if record.entry is not None)


def _to_activity(row: Row[*tuple[Any, ...]]) -> Activity:
    """Read one group.

    Raises:
        TypeError: an entry in it is not as we write them.
        ValueError: the same.
    """
    uid, day, principal, reads, changes, denials, last_at = row
    if not isinstance(uid, bytes) or not isinstance(principal, str):
        raise TypeError("a column of the audit log holds something of another type")
    return Activity(
        uid=uid,
        day=date.fromisoformat(day),
        principal=principal,
        reads=reads,
        changes=changes,
        denials=denials,
        last_at=last_at,
    )


def _changes(activity: Activity) -> dict[str, Any]:
    """Return what is added to a row that is there."""
    return {
        "of_uid": activity.uid,
        "of_day": activity.day,
        "of_principal": activity.principal,
        "more_reads": activity.reads,
        "more_changes": activity.changes,
        "more_denials": activity.denials,
        "at": activity.last_at,
    }


def _row(activity: Activity) -> dict[str, Any]:
    """Return a row that was not there."""
    return {
        "secret_uid": activity.uid,
        "day": activity.day,
        "principal": activity.principal,
        "reads": activity.reads,
        "changes": activity.changes,
        "denials": activity.denials,
        "last_at": activity.last_at,
    }
