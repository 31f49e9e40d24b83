"""What stands at one place of the audit log."""

from dataclasses import dataclass

from domain.audit.event import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A place in the log: its leaf hash, and the entry as long as there is one.

    The entry of an old record may have been erased. If there is none and it was not erased, what
    is stored there is in no form that an entry has.
    """

    number: int
    leaf: bytes
    entry: AuditEntry | None
    erased: bool = False
