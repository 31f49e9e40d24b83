"""Asking for the metrics."""

from dataclasses import dataclass

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMetrics:
    """Ask for what is counted and measured."""


class ReadMetricsUseCase(RightsUseCase[ReadMetrics, None]):
    """Gives leave; what is counted lies outside."""

    action = Action.READ_METRICS
    changes = False

    def perform_for(
        self, rights: Rights, command: ReadMetrics, secret: Secret | None, session: Session
    ) -> Done[None]:
        """Give leave."""
        return Done(result=None, subject=Subject(reference="metrics"))
