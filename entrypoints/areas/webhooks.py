"""Webhooks, put together."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from application.turn import Turns
from application.webhooks.announce import Announce
from application.webhooks.send_deliveries import SendDeliveries
from domain.ports.clock import Clock
from domain.ports.notifier import Notifier
from domain.ports.randomness import Randomness
from domain.ports.storage import Storage
from domain.webhooks.receiver import Receiver
from entrypoints.notifiers import tell_given_up, tell_many_given_up
from entrypoints.settings import Settings


def build_announce(receivers: Sequence[Receiver], clock: Clock, randomness: Randomness) -> Announce:
    """Return what puts notices into the outbox."""
    return Announce(receivers=receivers, clock=clock, randomness=randomness)


def build_send_deliveries(
    settings: Settings,
    storage: Storage,
    clock: Clock,
    randomness: Randomness,
    turns: Turns,
    notifiers: Mapping[str, Notifier],
) -> SendDeliveries:
    """Return what hands over what waits in the outbox."""
    return SendDeliveries(
        storage=storage,
        clock=clock,
        randomness=randomness,
        turns=turns,
        notifiers=notifiers,
        give_up=timedelta(hours=settings.webhook_give_up_hours),
        told=tell_given_up,
        told_many=tell_many_given_up,
    )
