"""Erasing deliveries that ended long ago."""

from datetime import timedelta

from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage
from domain.webhooks.delivery import DeliveryState

SHOWN = {DeliveryState.DELIVERED: timedelta(days=1), DeliveryState.GIVEN_UP: timedelta(days=30)}
"""How long it is shown how they ended."""


class ForgetDeliveries:
    """Keeps the outbox short. What waits is never erased."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        """Take the outbox's store."""
        self._storage = storage
        self._clock = clock

    def __call__(self) -> None:
        """Erase what need not be shown any more.

        Raises:
            StorageUnavailable: the store is not available.
        """
        self._storage.write(self._forget).result()

    def _forget(self, session: Session) -> None:
        """Erase it."""
        now = self._clock.now()
        for state, age in SHOWN.items():
            session.outbox.forget(state, before=now - age)
