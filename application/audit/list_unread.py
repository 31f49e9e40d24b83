"""Looking for secrets that nobody reads any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.activity import accept_days
from domain.audit.event import Subject
from domain.errors import InvalidInput
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.listing import DEFAULT_LIMIT, accept_limit
from domain.secrets.secret import MAX_ID, Secret

DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUnread:
    """Ask for secrets older than so many days that nobody read in that time, a page by id."""

    days: int = DEFAULT_DAYS
    limit: int = DEFAULT_LIMIT
    after: int = 0

    def __post_init__(self) -> None:
        """Refuse what no store can answer."""
        accept_days(self.days)
        accept_limit(self.limit)
        if not 0 <= self.after <= MAX_ID:
            raise InvalidInput("after", f"must lie between 0 and {MAX_ID}")


class ListUnreadUseCase(RightsUseCase[ListUnread, Sequence[Secret]]):
    """Returns them among the names whose activity the caller may see."""

    action = Action.LIST_UNREAD
    changes = False

    def __init__(self, *, clock: Clock) -> None:
        """Take what knows the time."""
        self._clock = clock

    def perform_for(
        self, rights: Rights, command: ListUnread, secret: Secret | None, session: Session
    ) -> Done[Sequence[Secret]]:
        """Return one page."""
        page = session.activity_reports.unread(
            rights.names_for(Action.READ_ACTIVITY),
            since=self._clock.now() - timedelta(days=command.days),
            after=command.after,
            limit=command.limit,
        )
        return Done(result=page, subject=Subject(reference=f"{len(page)} not read"))
