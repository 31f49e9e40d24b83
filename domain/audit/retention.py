"""What an entry says that tells of an erasure, so that nothing else can pass for erased."""

import re

from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome

# It stands in logs: what is written must be read for ever.
_REFERENCE = re.compile(r"entries 1 to ([1-9][0-9]{0,18})", re.ASCII)


def erasure_reference(upto: int) -> str:
    """Return how an entry names the entries that were erased."""
    return f"entries 1 to {upto}"


def erased_by(event: AuditEvent) -> int:
    """Return the number up to which an event says that entries were erased; 0 when it does not."""
    if event.action is not Action.ERASE_ENTRIES or event.outcome is not Outcome.DONE:
        return 0
    found = _REFERENCE.fullmatch(event.subject.reference)
    return 0 if found is None else int(found[1])
