"""Entries of the audit log as rows, and rows as entries."""

from typing import Any

from sqlalchemy import Row

from domain.access.action import Action
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.merkle import HASH_BYTES
from domain.audit.record import AuditRecord

NO_LEAF = bytes(HASH_BYTES)
"""Stands for a leaf hash that is none."""

_TEXTS = ("request_id", "principal", "address", "rule", "reference")
_OPTIONAL_TEXTS = ("reason", "secret_name", "digest", "facts")
_OPTIONAL_NUMBERS = ("version", "revision")


def to_row(entry: AuditEntry, leaf: bytes) -> dict[str, Any]:
    """Write an entry out."""
    event, subject = entry.event, entry.event.subject
    return {
        "id": entry.number,
        "leaf": leaf,
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
        "revision": subject.revision,
        "digest": subject.digest,
        "facts": subject.facts,
    }


def to_entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    """Read an entry out of its row.

    Raises:
        ValueError: the row has an action or an outcome that there is none of.
    """
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
            revision=row.revision,
            facts=row.facts,
        ),
    )
    return AuditEntry(number=row.id, event=event)


def to_record(row: Row[*tuple[Any, ...]]) -> AuditRecord:
    """Read a record out of the row of its entry.

    Raises:
        ValueError: somebody else has written the row: there is no such action, or a column holds
            something of another type, which SQLite lets happen.
    """
    typed = (
        isinstance(row.leaf, bytes)
        and len(row.leaf) == HASH_BYTES
        and all(isinstance(getattr(row, name), str) for name in _TEXTS)
        and all(isinstance(getattr(row, name), str | None) for name in _OPTIONAL_TEXTS)
        and all(isinstance(getattr(row, name), int | None) for name in _OPTIONAL_NUMBERS)
        and isinstance(row.secret_uid, bytes | None)
    )
    if not typed:
        raise ValueError("a column of the audit log holds something of another type")
    return AuditRecord(number=row.id, leaf=row.leaf, entry=to_entry(row))


def damaged(number: int, leaf: object) -> AuditRecord:
    """Return the record of a row that cannot be read."""
    if not isinstance(leaf, bytes) or len(leaf) != HASH_BYTES:
        leaf = NO_LEAF
    return AuditRecord(number=number, leaf=leaf, entry=None)
