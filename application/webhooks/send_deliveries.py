"""Handing over what waits in the outbox, beside the service."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from application.turn import Stopping, Turns
from domain.ports.clock import Clock
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.randomness import Randomness
from domain.ports.storage import Session, Storage
from domain.webhooks.delivery import MOST_WAITING, TOO_MANY, TOO_OLD, Delivery, DeliveryState

LEASE = timedelta(minutes=2)
"""Longer than an attempt takes. After it without a sign of life another process goes on."""

AT_ONCE = 50
"""Deliveries to one receiver before the next one has its turn."""

Told = Callable[[Delivery], object]
"""Is shown a delivery that was given up."""

ToldMany = Callable[[str, int, str], object]
"""Is shown for which receiver how many were given up at once, and why."""

_PARTS = 1000


class SendDeliveries:
    """Sends to each receiver what is due, in order. One process at a time sends to a receiver.

    What became of a delivery is kept after the attempt: none is lost, and after a crash one may
    come twice.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        randomness: Randomness,
        turns: Turns,
        notifiers: Mapping[str, Notifier],
        give_up: timedelta,
        told: Told,
        told_many: ToldMany,
    ) -> None:
        """Take who hands over, by receiver.

        Args:
            storage: where the outbox is.
            clock: what time it is.
            randomness: what keeps attempts apart.
            turns: who may send.
            notifiers: who hands over, by receiver.
            give_up: the age at which an attempt is the last one.
            told: is shown what was given up after its last attempt.
            told_many: is shown how many others were given up at once.
        """
        self._storage = storage
        self._clock = clock
        self._randomness = randomness
        self._turns = turns
        self._notifiers = notifiers
        self._give_up = give_up
        self._told = told
        self._told_many = told_many

    def __call__(self, stopping: Stopping) -> None:
        """Send what is due now.

        Raises:
            StorageUnavailable: the store is not available; what was sent since is sent again.
        """
        for receiver, notifier in self._notifiers.items():
            if self._next(receiver) is None:
                continue
            with self._turns.taken(_task(receiver), LEASE) as ours:
                if ours:
                    self._send(receiver, notifier, stopping)

    def _send(self, receiver: str, notifier: Notifier, stopping: Stopping) -> None:
        """Send to one receiver, as long as the turn is ours."""
        self._give_up_beyond(receiver)
        for _ in range(AT_ONCE):
            delivery = None if stopping() else self._next(receiver)
            if delivery is None:
                return
            after = self._attempt(delivery, notifier)
            if not self._storage.write(partial(self._keep, after)).result():
                return
            if after.state is DeliveryState.GIVEN_UP:
                self._told(after)
            if after.error is not None and not after.aside:
                if after.state is DeliveryState.GIVEN_UP:
                    self._give_up_older(receiver)
                return  # the receiver is away: one more attempt each would hold up the others

    def _give_up_beyond(self, receiver: str) -> None:
        """Give up the oldest, where more wait than may."""
        now = self._clock.now()
        gone = self._storage.write(
            lambda session: session.outbox.give_up_beyond(receiver, most=MOST_WAITING, now=now)
        ).result()
        if gone:
            self._told_many(receiver, gone, TOO_MANY)

    def _give_up_older(self, receiver: str) -> None:
        """Give up all that are too old, where one attempt each would take them days."""
        now = self._clock.now()
        than = now - self._give_up
        gone = self._storage.write(
            lambda session: session.outbox.give_up_older(receiver, than=than, now=now)
        ).result()
        if gone:
            self._told_many(receiver, gone, TOO_OLD)

    def _attempt(self, delivery: Delivery, notifier: Notifier) -> Delivery:
        """Try once, and return what became of it."""
        try:
            notifier.send(delivery.notice, now=self._clock.now())
        except NotDelivered as cause:
            return self._failed(delivery, str(cause), refused=cause.refused)
        except Exception as cause:  # noqa: BLE001  a defect must not hold up the others for ever
            return self._failed(delivery, f"internal error ({type(cause).__name__})", refused=True)
        return delivery.delivered(self._clock.now())

    def _failed(self, delivery: Delivery, error: str, *, refused: bool) -> Delivery:
        """Return a delivery after an attempt that failed."""
        return delivery.failed(
            self._clock.now(),
            error=error,
            refused=refused,
            share=self._randomness.below(_PARTS) / _PARTS,
            give_up=self._give_up,
        )

    def _next(self, receiver: str) -> Delivery | None:
        """Look for what is due."""
        now = self._clock.now()
        return self._storage.read(lambda session: session.outbox.next(receiver, now=now)).result()

    def _keep(self, delivery: Delivery, session: Session) -> bool:
        """Keep what became of it, and the turn; tell whether it is still ours."""
        session.outbox.keep(delivery)
        return self._turns.keep(_task(delivery.receiver), LEASE, session)


def _task(receiver: str) -> str:
    """Return the name of the lease."""
    return f"webhook {receiver}"
