"""What is to be told to receivers: written in the transaction of what it tells."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.webhooks.delivery import Delivery, DeliveryState
from domain.webhooks.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries to a receiver are in a state; `oldest` is when the first happened."""

    receiver: str
    state: DeliveryState
    count: int
    oldest: datetime


class Outbox(ABC):
    """Keeps deliveries until they are made or given up, and a while longer, to be shown."""

    @abstractmethod
    def add(self, receivers: Collection[str], notice: Notice, *, due_at: datetime) -> None:
        """Add a delivery that waits for each of these, which are different ones.

        Their numbers are above all before. In what order among them is free: each receiver is told
        by itself.
        """

    @abstractmethod
    def next(self, receiver: str, *, now: datetime) -> Delivery | None:
        """Return what to try now, or `None` when there is nothing.

        That is the first one that waits and was not set aside, if it is due, and so nothing as
        long as that one is not; else the first due one of those that were set aside.
        """

    @abstractmethod
    def keep(self, delivery: Delivery) -> None:
        """Keep what became of a delivery that is there."""

    @abstractmethod
    def give_up_older(self, receiver: str, *, than: datetime, now: datetime) -> int:
        """Give up all that wait and happened at a moment or before; return how many.

        Their error is `TOO_OLD` then.
        """

    @abstractmethod
    def give_up_beyond(self, receiver: str, *, most: int, now: datetime) -> int:
        """Give up the oldest of those that wait, until `most` are left; return how many.

        Their error is `TOO_MANY` then.
        """

    @abstractmethod
    def forget(self, state: DeliveryState, *, before: datetime) -> int:
        """Erase deliveries that ended in a state before a moment; return how many went."""


class Deliveries(ABC):
    """Shows how the deliveries go."""

    @abstractmethod
    def tallies(self) -> Sequence[Tally]:
        """Return counts by receiver and state, by name."""

    @abstractmethod
    def newest(self, *, state: DeliveryState | None, limit: int) -> Sequence[Delivery]:
        """Return the newest deliveries, of a state or of all, the newest first."""
