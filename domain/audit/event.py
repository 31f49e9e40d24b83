"""One entry of the audit log. What goes in is listed here; there is no field for a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.access.action import Action


class Outcome(Enum):
    """How a call ended. The words are stored in the audit log: only ever add to them."""

    DONE = "done"
    DENIED = "denied"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a call was about, as far as it became known.

    `digest` is the SHA-256 of the stored (sealed) text that a write left behind, in hexadecimal;
    `revision` is the one that a write left behind. `facts` is the SHA-256 of what a write left
    unsealed (`domain.audit.facts`). They are known for writes only.
    """

    reference: str = ""
    uid: bytes | None = None
    name: str | None = None
    version: int | None = None
    digest: str | None = None
    revision: int | None = None
    facts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Who did what to which secret, when, from where, under which rule, and how it ended."""

    at: datetime
    request_id: str
    principal: str
    address: str
    action: Action
    outcome: Outcome
    rule: str
    reason: str | None
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An event in its place in the log. Numbers begin at 1 and only grow."""

    number: int
    event: AuditEvent
