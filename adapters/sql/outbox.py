"""The outbox in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, false, func, insert, select, true, update

from adapters.sql.outbox_tables import outbox
from adapters.sql.statements import Statement
from domain.ports.outbox import Deliveries, Outbox, Tally
from domain.webhooks.delivery import TOO_MANY, TOO_OLD, Delivery, DeliveryState
from domain.webhooks.notice import Notice

_INSERT = Statement(
    insert(outbox).inline(),
    columns=(
        "receiver", "notice_id", "type", "at", "summary", "body", "due_at", "state", "attempts",
        "aside",
    ),
)  # fmt: skip
_WAITING = (
    select(outbox)
    .where(
        outbox.c.receiver == bindparam("of_receiver"),
        # Written out, so that the index of those that wait is used.
        outbox.c.state == DeliveryState.WAITING.value,
    )
    .order_by(outbox.c.id)
    .limit(1)
)
_HEAD = _WAITING.where(outbox.c.aside == false())
_ASIDE = _WAITING.where(outbox.c.aside == true(), outbox.c.due_at <= bindparam("now"))
_KEEP = (
    update(outbox)
    .where(outbox.c.id == bindparam("of_number"))
    .values(
        state=bindparam("to_state"),
        attempts=bindparam("to_attempts"),
        aside=bindparam("to_aside"),
        due_at=bindparam("to_due_at"),
        ended_at=bindparam("to_ended_at"),
        error=bindparam("to_error"),
    )
)
_GIVE_UP = (
    update(outbox)
    .where(
        outbox.c.receiver == bindparam("of_receiver"),
        outbox.c.state == DeliveryState.WAITING.value,
    )
    .values(
        state=DeliveryState.GIVEN_UP.value,
        ended_at=bindparam("to_ended_at"),
        error=bindparam("to_error"),
    )
)
_GIVE_UP_OLDER = _GIVE_UP.where(outbox.c.at <= bindparam("than"))
_waiting = outbox.alias("waiting")
_NEWEST_BEYOND = (
    select(_waiting.c.id)
    .where(
        _waiting.c.receiver == bindparam("of_receiver"),
        _waiting.c.state == DeliveryState.WAITING.value,
    )
    .order_by(_waiting.c.id.desc())
    .limit(1)
    .offset(bindparam("most"))
)
_GIVE_UP_BEYOND = _GIVE_UP.where(outbox.c.id <= _NEWEST_BEYOND.scalar_subquery())
_FORGET = delete(outbox).where(
    outbox.c.state == bindparam("of_state"), outbox.c.ended_at < bindparam("before")
)
_TALLIES = (
    select(outbox.c.receiver, outbox.c.state, func.count(), func.min(outbox.c.at))
    .group_by(outbox.c.receiver, outbox.c.state)
    .order_by(outbox.c.receiver, outbox.c.state)
)


class SqlOutbox(Outbox):
    """Keeps the table `outbox`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def add(self, receivers: Collection[str], notice: Notice, *, due_at: datetime) -> None:
        """Add a delivery that waits for each of these."""
        same = {
            "notice_id": notice.id, "type": notice.type, "at": notice.at,
            "summary": notice.summary, "body": notice.body, "due_at": due_at,
            "state": DeliveryState.WAITING.value, "attempts": 0, "aside": False,
        }  # fmt: skip
        rows = [{**same, "receiver": receiver} for receiver in receivers]
        if rows:
            _INSERT.on(self._connection).run_each(rows)

    def next(self, receiver: str, *, now: datetime) -> Delivery | None:
        """Return what to try now, or `None` when there is nothing."""
        head = self._connection.execute(_HEAD, {"of_receiver": receiver}).one_or_none()
        if head is not None:
            return _delivery(head) if head.due_at <= now else None
        aside = self._connection.execute(_ASIDE, {"of_receiver": receiver, "now": now})
        row = aside.one_or_none()
        return None if row is None else _delivery(row)

    def keep(self, delivery: Delivery) -> None:
        """Keep what became of a delivery that is there."""
        self._connection.execute(
            _KEEP,
            {
                "of_number": delivery.number, "to_state": delivery.state.value,
                "to_attempts": delivery.attempts, "to_aside": delivery.aside,
                "to_due_at": delivery.due_at, "to_ended_at": delivery.ended_at,
                "to_error": delivery.error,
            },
        )  # fmt: skip

    def give_up_older(self, receiver: str, *, than: datetime, now: datetime) -> int:
        """Give up all that wait and happened at a moment or before; return how many."""
        given = {
            "of_receiver": receiver, "than": than, "to_ended_at": now, "to_error": TOO_OLD,
        }  # fmt: skip
        return self._connection.execute(_GIVE_UP_OLDER, given).rowcount

    def give_up_beyond(self, receiver: str, *, most: int, now: datetime) -> int:
        """Give up the oldest of those that wait, until `most` are left; return how many."""
        given = {
            "of_receiver": receiver, "most": most, "to_ended_at": now, "to_error": TOO_MANY,
        }  # fmt: skip
        return self._connection.execute(_GIVE_UP_BEYOND, given).rowcount

    def forget(self, state: DeliveryState, *, before: datetime) -> int:
        """Erase deliveries that ended in a state before a moment; return how many went."""
        given = {"of_state": state.value, "before": before}
        return self._connection.execute(_FORGET, given).rowcount


class SqlDeliveries(Deliveries):
    """Reads the table `outbox`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def tallies(self) -> Sequence[Tally]:
        """Return counts by receiver and state, by name."""
        return [
            Tally(receiver=receiver, state=DeliveryState(state), count=count, oldest=oldest)
            for receiver, state, count, oldest in self._connection.execute(_TALLIES)
        ]

    def newest(self, *, state: DeliveryState | None, limit: int) -> Sequence[Delivery]:
        """Return the newest deliveries, of a state or of all, the newest first."""
        asked = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        if state is not None:
            asked = asked.where(outbox.c.state == state.value)
        return [_delivery(row) for row in self._connection.execute(asked)]


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    """Read a delivery out of its row."""
    notice = Notice(id=row.notice_id, type=row.type, at=row.at, summary=row.summary, body=row.body)
    return Delivery(
        number=row.id,
        receiver=row.receiver,
        notice=notice,
        due_at=row.due_at,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        aside=row.aside,
        ended_at=row.ended_at,
        error=row.error,
    )
