"""Looking over alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.alerts.alert import Alert
from domain.alerts.query import AlertQuery
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlerts:
    """Ask for a page."""

    query: AlertQuery = field(default_factory=AlertQuery)


class ListAlertsUseCase(RightsUseCase[ListAlerts, Sequence[Alert]]):
    """Returns the page as the store has it."""

    action = Action.LIST_ALERTS
    changes = False

    def perform_for(
        self, rights: Rights, command: ListAlerts, secret: Secret | None, session: Session
    ) -> Done[Sequence[Alert]]:
        """Return the page."""
        page = session.alerts.page(command.query)
        return Done(result=page, subject=Subject(reference=f"{len(page)} alerts"))
