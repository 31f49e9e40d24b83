"""A delivery: one notice on its way to one receiver."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from domain.webhooks.notice import Notice

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ERROR = 200
"""Characters that are kept of why an attempt failed."""
MOST_WAITING = 100_000
"""Deliveries that may wait for one receiver; beyond them the oldest are given up."""
TOO_OLD = "too old when the receiver was found to be away"
TOO_MANY = "too many were waiting for the receiver"


class DeliveryState(Enum):
    """How far a delivery has come. The words are stored: only ever add to them."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice for a receiver.

    `number` only grows, and is the order in which a receiver is told. `due_at` is when it is tried
    next. One that the receiver itself has refused is set `aside`: it is tried again, but holds
    nothing up. `ended_at` is when it was delivered or given up; `error` is why the last attempt
    failed.
    """

    number: int
    receiver: str
    notice: Notice
    due_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    aside: bool = False
    ended_at: datetime | None = None
    error: str | None = None

    def delivered(self, now: datetime) -> "Delivery":
        """Return it as it is once the receiver has taken it."""
        return replace(
            self,
            state=DeliveryState.DELIVERED,
            attempts=self.attempts + 1,
            ended_at=now,
            error=None,
        )

    def failed(
        self, now: datetime, *, error: str, refused: bool, share: float, give_up: timedelta
    ) -> "Delivery":
        """Return it as it is after an attempt that failed.

        Args:
            now: the moment.
            error: why it failed.
            refused: whether the receiver is there and does not take this one.
            share: a number from 0 to 1 by chance, so that not all try again at once.
            give_up: the age at which an attempt is the last one.
        """
        tried = replace(
            self,
            attempts=self.attempts + 1,
            aside=self.aside or refused,
            error=error[:MAX_ERROR],
            due_at=now + pause(self.attempts, share),
        )
        if now - self.notice.at < give_up:
            return tried
        return replace(tried, state=DeliveryState.GIVEN_UP, ended_at=now)


def pause(failures: int, share: float) -> timedelta:
    """Return how long to wait after a failure that so many came before.

    Twice as long each time, up to an hour; between half of that and all of it, by chance.
    """
    longest = min(FIRST_PAUSE * (1 << min(failures, 16)), LONGEST_PAUSE)
    return longest * (0.5 + share / 2)
