"""Looking at how receivers are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.errors import InvalidInput
from domain.ports.outbox import Tally
from domain.ports.storage import Session
from domain.secrets.secret import Secret
from domain.webhooks.delivery import Delivery, DeliveryState

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDeliveries:
    """Ask for the counts, and for the newest deliveries of a state or of all.

    Raises:
        InvalidInput: the limit is out of its bounds.
    """

    state: DeliveryState | None = None
    limit: int = DEFAULT_LIMIT

    def __post_init__(self) -> None:
        """Refuse what is too many."""
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInput("limit", f"must be 1 to {MAX_LIMIT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesRead:
    """What there is: the names of the receivers, counts, and deliveries."""

    receivers: Sequence[str]
    tallies: Sequence[Tally]
    deliveries: Sequence[Delivery]


class ReadDeliveriesUseCase(RightsUseCase[ReadDeliveries, DeliveriesRead]):
    """Returns what the outbox holds. Addresses and secrets of receivers are not in it."""

    action = Action.READ_DELIVERIES
    changes = False

    def __init__(self, *, receivers: Sequence[str]) -> None:
        """Take the names of the receivers in the settings."""
        self._receivers = receivers

    def perform_for(
        self, rights: Rights, command: ReadDeliveries, secret: Secret | None, session: Session
    ) -> Done[DeliveriesRead]:
        """Return it."""
        deliveries = session.deliveries.newest(state=command.state, limit=command.limit)
        read = DeliveriesRead(
            receivers=self._receivers,
            tallies=session.deliveries.tallies(),
            deliveries=deliveries,
        )
        return Done(result=read, subject=Subject(reference=f"{len(deliveries)} deliveries"))
