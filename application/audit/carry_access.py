"""Carrying along what entries say of access when they are erased."""

from collections.abc import Sequence

from application.audit.last_access_writes import LastAccessWrites
from application.audit.written import CHANGED, require_written, written
from domain.access.action import Action
from domain.audit.event import AuditEntry, AuditEvent, Outcome
from domain.audit.left_behind import LeftBehind, facts_of_left
from domain.audit.query import MAX_LIMIT, AuditQuery
from domain.audit.retention import erased_by
from domain.errors import Broken
from domain.ports.storage import Session
from domain.ports.tip_mac import TipMac

_CHANGED = (
    "what erased entries have left of access was changed past the server; run 'strongroom audit"
    " verify'"
)


class CarryAccess:
    """Takes in the entries that go, and leaves what they said last in a table.

    Its digest stands in the entry of the erasure, which nobody can make up. So a row of access
    that was put in past the server is still found when all entries of its kind are gone.

    Once they are gone, nothing shows any more what they said. So each that goes, and the entry of
    the last erasure, must be the one that was written; none between may be gone already.
    """

    def __init__(self, session: Session, macs: TipMac) -> None:
        """Begin with what earlier erasures have left.

        Raises:
            Broken: it is not what the last of them has left, or their entry was changed.
        """
        self._session = session
        self._macs = macs
        self._before = session.access_left.all()
        last = _last_erasure(session, macs)
        told = None if last is None else last.subject.facts
        self._erased = 0 if last is None else erased_by(last)
        if (self._before and told is None) or told not in {None, facts_of_left(self._before)}:
            raise Broken(_CHANGED)
        # A version that carried nothing has erased entries: what they said is not known.
        self._knows_all = told is not None or not _has_erased(session)
        self._writes = LastAccessWrites.beginning(self._before)

    def take(self, upto: int) -> None:
        """Take in the entries up to a number, before they go.

        Raises:
            Broken: one of them is gone, or is not as it was written.
        """
        for after in range(self._erased, upto, MAX_LIMIT):
            limit = min(MAX_LIMIT, upto - after)
            page = written(self._session, self._macs, after=after, limit=limit)
            entries = [record.entry for record in page if record.entry is not None]
            if len(entries) != limit:
                raise Broken(CHANGED)
            for entry in entries:
                self._follow(entry)

    def leave(self) -> str | None:
        """Write what is left and return its digest; `None` where not all of it is known."""
        if not self._knows_all:
            return None
        after = self._writes.left_behind()
        for gone in {one.thing for one in self._before} - {one.thing for one in after}:
            self._session.access_left.drop(gone)
        for one in sorted(set(after) - set(self._before), key=lambda left: left.thing):
            self._session.access_left.put(one)
        return facts_of_left(after)

    def _follow(self, entry: AuditEntry) -> None:
        """Take in one entry."""
        if entry.event.outcome is Outcome.DONE:
            self._writes.follow(entry)


def carried(session: Session, told: str | None) -> tuple[Sequence[LeftBehind], bool]:
    """Return what erased entries have left, and whether it is what the last erasure has left."""
    found = session.access_left.all()
    fits = not found if told is None else told == facts_of_left(found)
    return found, fits


def _has_erased(session: Session) -> bool:
    """Tell whether entries were erased before."""
    first = session.audit.page(AuditQuery(limit=1))
    return bool(first) and first[0].erased


def _last_erasure(session: Session, macs: TipMac) -> AuditEvent | None:
    """Return what the entry of the last erasure says.

    Raises:
        Broken: it does not say what was written.
    """
    if not _has_erased(session):
        return None
    query = AuditQuery(action=Action.ERASE_ENTRIES, outcome=Outcome.DONE, newest=True, limit=1)
    found = session.audit.page(query)
    require_written(session, macs, found)
    return next((one.entry.event for one in found if one.entry), None)
