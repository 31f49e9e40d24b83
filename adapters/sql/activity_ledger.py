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
    delete,
    func,
    or_,
    select,
    text,
)

from adapters.sql.activity_table import secret_activity
from adapters.sql.audit_log import UNREADABLE, SqlAuditLog
from adapters.sql.audit_tables import audit_entries
from adapters.sql.functions import utc_day
from adapters.sql.statements import Statement
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
    text(
        "INSERT INTO secret_activity AS kept"
        " (secret_uid, day, principal, reads, changes, denials, last_at)"
        " VALUES (:secret_uid, :day, :principal, :reads, :changes, :denials, :last_at)"
        " ON CONFLICT (secret_uid, day, principal) DO UPDATE SET"
        " reads = kept.reads + excluded.reads,"
        " changes = kept.changes + excluded.changes,"
        " denials = kept.denials + excluded.denials,"
        " last_at = CASE WHEN kept.last_at < excluded.last_at"
        " THEN excluded.last_at ELSE kept.last_at END"
    ).bindparams(*(bindparam(column.name, type_=column.type) for column in _kept))
)
_FORGET = delete(secret_activity).where(_kept.day < bindparam("before"))


class SqlActivityLedger(ActivityLedger):
    """Keeps the table `secret_activity`."""

    def __init__(self, connection: Connection, log: SqlAuditLog) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._log = log
        self._add = _ADD.on(connection)

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
        if rows := [_row(activity) for activity in activities]:
            self._add.run_each(rows)

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


def _row(activity: Activity) -> dict[str, Any]:
    """Return what is kept of it."""
    return {
        "secret_uid": activity.uid,
        "day": activity.day,
        "principal": activity.principal,
        "reads": activity.reads,
        "changes": activity.changes,
        "denials": activity.denials,
        "last_at": activity.last_at,
    }
