"""Leases in SQL: one row for each task."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from adapters.sql.statements import Statement
from adapters.sql.tables import leases
from domain.ports.leases import Leases

_HELD = Statement(select(leases.c.task).where(leases.c.task == bindparam("of_task")))
_TAKE = Statement(
    update(leases)
    .where(
        leases.c.task == bindparam("of_task"),
        or_(
            leases.c.holder == bindparam("by"),
            leases.c.until <= bindparam("now"),
            leases.c.until > bindparam("latest"),
        ),
    )
    .values(holder=bindparam("by"), until=bindparam("to"))
)
_UNTIL = select(leases.c.until).where(leases.c.task == bindparam("of_task"))
_FIRST = insert(leases)
_RELEASE = delete(leases).where(
    leases.c.task == bindparam("of_task"), leases.c.holder == bindparam("by")
)


class SqlLeases(Leases):
    """Keeps the table `leases`. Writers take turns, so looking and taking is one step."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._held = _HELD.on(connection)
        self._take = _TAKE.on(connection)

    def take(self, task: str, *, holder: str, now: datetime, until: datetime) -> bool:
        """Take or keep the task; tell whether it is the holder's now."""
        if self._held.one({"of_task": task}) is None:
            self._connection.execute(_FIRST, {"task": task, "holder": holder, "until": until})
            return True
        taken = self._take.run(
            {
                "of_task": task, "by": holder, "now": now, "to": until,
                "latest": until + (until - now),
            }
        )  # fmt: skip
        return taken == 1

    def until(self, task: str) -> datetime | None:
        """Return when the time of the task's holder runs out or ran out, or `None` without one."""
        return self._connection.execute(_UNTIL, {"of_task": task}).scalar_one_or_none()

    def release(self, task: str, *, holder: str) -> None:
        """Give the task back before its time, if the holder has it."""
        self._connection.execute(_RELEASE, {"of_task": task, "by": holder})
