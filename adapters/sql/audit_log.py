"""The audit log as a table that is only ever appended to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from adapters.sql.tables import audit_entries
from domain.access.action import Action
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.ports.audit_log import AuditLog

_INSERT = insert(audit_entries).inline()
_AFTER = (
    select(audit_entries)
    .where(audit_entries.c.id > bindparam("after"))
    .order_by(audit_entries.c.id)
    .limit(bindparam("most"))
)


class SqlAuditLog(AuditLog):
    """Appends to the table `audit_entries`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def append(self, event: AuditEvent) -> None:
        """Add an entry."""
        subject = event.subject
        self._connection.execute(
            _INSERT,
            {
                "at": event.at,
                "request_id": event.request_id,
                "principal": event.principal,
                "address": event.address,
                "action": event.action.value,
                "outcome": event.outcome.value,
                "rule": event.rule,
                "reason": event.reason,
                "reference": subject.reference,
                "secret_uid": subject.uid,
                "secret_name": subject.name,
                "version": subject.version,
                "digest": subject.digest,
            },
        )

    def entries(self, *, after: int, limit: int) -> Sequence[AuditEntry]:
        """Return up to `limit` entries with numbers above `after`, in order."""
        rows = self._connection.execute(_AFTER, {"after": after, "most": limit})
        return [_to_entry(row) for row in rows]


def _to_entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    """Read an entry out of its row."""
    event = AuditEvent(
        at=row.at,
        request_id=row.request_id,
        principal=row.principal,
        address=row.address,
        action=Action(row.action),
        outcome=Outcome(row.outcome),
        rule=row.rule,
        reason=row.reason,
        subject=Subject(
            reference=row.reference,
            uid=row.secret_uid,
            name=row.secret_name,
            version=row.version,
            digest=row.digest,
        ),
    )
    return AuditEntry(number=row.id, event=event)
