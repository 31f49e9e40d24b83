"""The JSON of the areas of alerts and webhooks."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from application.webhooks.read_deliveries import DeliveriesRead
from domain.alerts import alert as inside
from domain.ports import decoys as ports
from domain.ports.outbox import Tally
from domain.webhooks import delivery as of_delivery
from domain.webhooks.delivery import DeliveryState


class Alert(msgspec.Struct, kw_only=True):
    """An alert. `repeats` counts how often the same was found until `quiet_until`."""

    id: int
    rule: str
    severity: str
    at: datetime
    raised_at: datetime
    summary: str
    details: dict[str, str | int | bool | None]
    repeats: int
    quiet_until: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class Decoy(msgspec.Struct, kw_only=True):
    """A secret that is a tripwire; `name` is the one it had when it became one."""

    uid: str
    name: str
    set_at: datetime
    set_by: str


class Receiver(msgspec.Struct, kw_only=True):
    """How deliveries go; `configured` tells whether the settings still have the receiver."""

    name: str
    configured: bool
    waiting: int
    waiting_since: datetime | None
    delivered: int
    given_up: int


class Delivery(msgspec.Struct, kw_only=True):
    """One notice for one receiver, without what it says."""

    number: int
    receiver: str
    notice: str
    type: str
    at: datetime
    summary: str
    state: str
    attempts: int
    due_at: datetime
    ended_at: datetime | None
    error: str | None


class Webhooks(msgspec.Struct, kw_only=True):
    """Receivers, and the newest deliveries."""

    receivers: list[Receiver]
    deliveries: list[Delivery]


def alert(of: inside.Alert) -> Alert:
    """Write out an alert."""
    return Alert(
        id=of.id,
        rule=of.rule.value,
        severity=of.severity.value,
        at=of.at,
        raised_at=of.raised_at,
        summary=of.summary,
        details=dict(of.details),
        repeats=of.repeats,
        quiet_until=of.quiet_until,
        acknowledged_at=of.acknowledged_at,
        acknowledged_by=of.acknowledged_by,
    )


def decoy(of: ports.Decoy) -> Decoy:
    """Write out a tripwire."""
    return Decoy(uid=of.uid.hex(), name=of.name, set_at=of.set_at, set_by=of.set_by)


def webhooks(of: DeliveriesRead) -> Webhooks:
    """Write out how receivers are told."""
    names = sorted({*of.receivers, *(tally.receiver for tally in of.tallies)})
    return Webhooks(
        receivers=[_receiver(name, of) for name in names],
        deliveries=[_delivery(item) for item in of.deliveries],
    )


def _receiver(name: str, of: DeliveriesRead) -> Receiver:
    """Write out one receiver."""
    tallies: Sequence[Tally] = [tally for tally in of.tallies if tally.receiver == name]
    counts = {tally.state: tally.count for tally in tallies}
    since = [tally.oldest for tally in tallies if tally.state is DeliveryState.WAITING]
    return Receiver(
        name=name,
        configured=name in of.receivers,
        waiting=counts.get(DeliveryState.WAITING, 0),
        waiting_since=since[0] if since else None,
        delivered=counts.get(DeliveryState.DELIVERED, 0),
        given_up=counts.get(DeliveryState.GIVEN_UP, 0),
    )


def _delivery(of: of_delivery.Delivery) -> Delivery:
    """Write out one delivery."""
    return Delivery(
        number=of.number,
        receiver=of.receiver,
        notice=of.notice.id,
        type=of.notice.type,
        at=of.notice.at,
        summary=of.notice.summary,
        state=of.state.value,
        attempts=of.attempts,
        due_at=of.due_at,
        ended_at=of.ended_at,
        error=of.error,
    )
