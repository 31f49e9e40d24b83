"""Looking at how one secret is used, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from application.audit.count_activity import pending
from application.secrets.subjects import about
from application.use_case import Done, UseCase, found
from domain.access.action import Action
from domain.audit.activity import Activity, accept_days
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.secrets.reference import Reference
from domain.secrets.secret import Secret

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadActivity:
    """Ask for the use of a secret over the last days, of which today is one."""

    reference: Reference
    days: int = DEFAULT_DAYS

    def __post_init__(self) -> None:
        """Refuse days that nothing was kept for."""
        accept_days(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretActivity:
    """A secret and the counts of its use; `pending` entries of the log are not counted yet."""

    secret: Secret
    activities: Sequence[Activity]
    pending: int


class ReadActivityUseCase(UseCase[ReadActivity, SecretActivity]):
    """Returns the counts. Who reads a secret is itself worth a right of its own."""

    action = Action.READ_ACTIVITY
    changes = False

    def __init__(self, *, clock: Clock) -> None:
        """Take what knows the day."""
        self._clock = clock

    def locate(self, command: ReadActivity, session: Session) -> Secret:
        """Find the living secret."""
        return found(session.secrets.find(command.reference))

    def perform(
        self, command: ReadActivity, secret: Secret | None, session: Session
    ) -> Done[SecretActivity]:
        """Return the counts."""
        secret = found(secret)
        today = self._clock.now().astimezone(UTC).date()
        since = today - timedelta(days=command.days - 1)
        activities = session.activity_reports.of(secret.uid, since=since)
        result = SecretActivity(secret=secret, activities=activities, pending=pending(session))
        return Done(result=result, subject=about(secret))
