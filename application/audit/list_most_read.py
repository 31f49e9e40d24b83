"""Looking for the secrets that are read most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from application.audit.read_activity import DEFAULT_DAYS
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.activity import MostRead, accept_days
from domain.audit.event import Subject
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.listing import DEFAULT_LIMIT, accept_limit
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMostRead:
    """Ask for the most read over the last days, of which today is one."""

    days: int = DEFAULT_DAYS
    limit: int = DEFAULT_LIMIT

    def __post_init__(self) -> None:
        """Refuse what no store can answer."""
        accept_days(self.days)
        accept_limit(self.limit)


class ListMostReadUseCase(RightsUseCase[ListMostRead, Sequence[MostRead]]):
    """Returns them among the names whose activity the caller may see."""

    action = Action.LIST_ACTIVITY
    changes = False

    def __init__(self, *, clock: Clock) -> None:
        """Take what knows the day."""
        self._clock = clock

    def perform_for(
        self, rights: Rights, command: ListMostRead, secret: Secret | None, session: Session
    ) -> Done[Sequence[MostRead]]:
        """Return them, the most read first."""
        today = self._clock.now().astimezone(UTC).date()
        most = session.activity_reports.most_read(
            rights.names_for(Action.READ_ACTIVITY),
            since=today - timedelta(days=command.days - 1),
            limit=command.limit,
        )
        return Done(result=most, subject=Subject(reference=f"{len(most)} most read"))
