"""Which entries say that somebody changed what the log is trusted by: nothing wrong in itself.

They are found by what their columns say, which nothing here compares with the log, and the newest
thousand of each kind: `application/audit/verify_log.py` hashes every entry.
"""

from collections.abc import Sequence

from domain.access.action import Action
from domain.audit.event import Outcome
from domain.audit.query import MAX_LIMIT, AuditQuery
from domain.ports.storage import Session


def adoptions(session: Session) -> Sequence[int]:
    """Return the numbers of the entries that say that a tip was vouched for as it was found."""
    return _done(session, Action.ADOPT_TIP)


def adopted_text(numbers: Sequence[int]) -> str:
    """Say which entries tell of a tip that was vouched for as it was found."""
    return f"the log was vouched for as it was found: {_entries(numbers)}"


def replacements(session: Session) -> Sequence[int]:
    """Return the numbers of the entries that say that a new key took the place of a lost one."""
    return _done(session, Action.REPLACE_KEY)


def replaced_text(numbers: Sequence[int]) -> str:
    """Say which entries tell of a new key in the place of a lost one."""
    return f"a key that was lost was replaced by a new one: {_entries(numbers)}"


def _done(session: Session, action: Action) -> Sequence[int]:
    """Return the numbers of the entries of an action that was done, newest first."""
    query = AuditQuery(action=action, outcome=Outcome.DONE, newest=True, limit=MAX_LIMIT)
    return [record.number for record in session.audit.page(query)]


def _entries(numbers: Sequence[int]) -> str:
    """Name entries."""
    return f"entry {', '.join(map(str, numbers))}"
