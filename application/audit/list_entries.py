"""Looking into the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.event import Subject
from domain.audit.query import AuditQuery
from domain.audit.record import AuditRecord
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntries:
    """Ask for a page of entries."""

    query: AuditQuery = field(default_factory=AuditQuery)


class ListEntriesUseCase(UseCase[ListEntries, Sequence[AuditRecord]]):
    """Returns the page as the store finds it; that it was asked for becomes an entry too."""

    action = Action.LIST_ENTRIES
    changes = False

    def locate(self, command: ListEntries, session: Session) -> None:
        """Find nothing: the log is no secret of a name."""

    def perform(
        self, command: ListEntries, secret: Secret | None, session: Session
    ) -> Done[Sequence[AuditRecord]]:
        """Return the page."""
        page = session.audit.page(command.query)
        return Done(result=page, subject=Subject(reference=f"{len(page)} entries"))
