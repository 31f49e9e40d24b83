"""The outbox in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.outbox import Deliveries, Outbox, Tally
from domain.webhooks.delivery import TOO_MANY, TOO_OLD, Delivery, DeliveryState
from domain.webhooks.notice import Notice


class MemoryOutbox(Outbox):
    """Keeps deliveries by number."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def add(self, receivers: Collection[str], notice: Notice, *, due_at: datetime) -> None:
        """Add a delivery that waits for each of these."""
        for receiver in receivers:
            self._tables.last_delivery += 1
            number = self._tables.last_delivery
            self._tables.outbox.put(
                number, Delivery(number=number, receiver=receiver, notice=notice, due_at=due_at)
            )

    def next(self, receiver: str, *, now: datetime) -> Delivery | None:
        """Return what to try now, or `None` when there is nothing."""
        waiting = self._waiting(receiver)
        head = next((found for found in waiting if not found.aside), None)
        if head is not None:
            return head if head.due_at <= now else None
        return next((found for found in waiting if found.due_at <= now), None)

    def keep(self, delivery: Delivery) -> None:
        """Keep what became of a delivery that is there."""
        self._tables.outbox.put(delivery.number, delivery)

    def give_up_older(self, receiver: str, *, than: datetime, now: datetime) -> int:
        """Give up all that wait and happened at a moment or before; return how many."""
        old = [found for found in self._waiting(receiver) if found.notice.at <= than]
        return self._give_up(old, TOO_OLD, now)

    def give_up_beyond(self, receiver: str, *, most: int, now: datetime) -> int:
        """Give up the oldest of those that wait, until `most` are left; return how many."""
        waiting = self._waiting(receiver)
        return self._give_up(waiting[: max(len(waiting) - most, 0)], TOO_MANY, now)

    def forget(self, state: DeliveryState, *, before: datetime) -> int:
        """Erase deliveries that ended in a state before a moment; return how many went."""
        gone = [
            number
            for number, found in self._tables.outbox.items()
            if found.state is state and found.ended_at is not None and found.ended_at < before
        ]
        for number in gone:
            self._tables.outbox.drop(number)
        return len(gone)

    def _waiting(self, receiver: str) -> Sequence[Delivery]:
        """Return all that wait for a receiver, in order."""
        return [
            found
            for _, found in sorted(self._tables.outbox.items())
            if found.receiver == receiver and found.state is DeliveryState.WAITING
        ]

    def _give_up(self, deliveries: Sequence[Delivery], error: str, now: datetime) -> int:
        """Give deliveries up, and return how many."""
        for found in deliveries:
            self.keep(replace(found, state=DeliveryState.GIVEN_UP, ended_at=now, error=error))
        return len(deliveries)


class MemoryDeliveries(Deliveries):
    """Reads the same table."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def tallies(self) -> Sequence[Tally]:
        """Return counts by receiver and state, by name."""
        groups: dict[tuple[str, str], list[Delivery]] = {}
        for found in self._tables.outbox.values():
            groups.setdefault((found.receiver, found.state.value), []).append(found)
        return [
            Tally(
                receiver=receiver,
                state=DeliveryState(state),
                count=len(group),
                oldest=min(found.notice.at for found in group),
            )
            for (receiver, state), group in sorted(groups.items())
        ]

    def newest(self, *, state: DeliveryState | None, limit: int) -> Sequence[Delivery]:
        """Return the newest deliveries, of a state or of all, the newest first."""
        newest_first = [found for _, found in sorted(self._tables.outbox.items(), reverse=True)]
        return [found for found in newest_first if state in {None, found.state}][:limit]
