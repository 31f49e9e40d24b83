"""The audit log as a table that is only ever appended to."""

from sqlalchemy import Connection, insert

from adapters.sql.tables import audit_entries
from domain.audit.event import AuditEvent
from domain.ports.audit_log import AuditLog

_INSERT = insert(audit_entries).inline()


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
