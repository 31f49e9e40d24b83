"""Saying that somebody has looked at an alert."""

from dataclasses import dataclass, replace

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.alerts.alert import Alert
from domain.audit.event import Subject
from domain.errors import NotFound
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert:
    """Say it of one."""

    number: int


class AcknowledgeAlertUseCase(RightsUseCase[AcknowledgeAlert, Alert]):
    """Remembers who was the first to look. It does not keep the same from being told again."""

    action = Action.ACKNOWLEDGE_ALERT
    changes = True

    def __init__(self, *, clock: Clock) -> None:
        """Take what dates."""
        self._clock = clock

    def reference(self, command: AcknowledgeAlert) -> str:
        """Return which alert."""
        return f"alert {command.number}"

    def perform_for(
        self, rights: Rights, command: AcknowledgeAlert, secret: Secret | None, session: Session
    ) -> Done[Alert]:
        """Remember it; once more changes nothing.

        Raises:
            NotFound: there is no such alert.
        """
        alert = session.alerts.find(command.number)
        if alert is None:
            raise NotFound("alert")
        if alert.acknowledged_at is None:
            alert = replace(
                alert, acknowledged_at=self._clock.now(), acknowledged_by=rights.principal
            )
            session.alerts.replace(alert)
        return Done(result=alert, subject=Subject(reference=self.reference(command)))
