"""What the rules remember, in SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Connection, bindparam, cast, delete, func, insert, select, update

from adapters.sql.alert_tables import alert_windows, first_reads, habits
from adapters.sql.statements import Statement
from domain.alerts.habit import Habit
from domain.ports.habits import Habits, Windows

_OF = Statement(select(habits).where(habits.c.principal == bindparam("of")))
_NOTE = Statement(insert(first_reads))
_KEEP = (
    update(habits)
    .where(habits.c.principal == bindparam("of"))
    .values(
        since=bindparam("to_since"),
        hours=bindparam("to_hours"),
        days=bindparam("to_days"),
        last_day=bindparam("to_last_day"),
    )
)
_IN_WINDOW = (
    alert_windows.c.rule == bindparam("of_rule"), alert_windows.c.key == bindparam("of_key"),
)  # fmt: skip
_COUNT = Statement(
    update(alert_windows)
    .where(*_IN_WINDOW, alert_windows.c.minute == bindparam("of_minute"))
    .values(count=alert_windows.c.count + bindparam("more"))
)
_TOTAL = Statement(
    select(func.coalesce(cast(func.sum(alert_windows.c.count), BigInteger), 0)).where(
        *_IN_WINDOW, alert_windows.c.minute.between(bindparam("since"), bindparam("until"))
    )
)
_FORGET = Statement(delete(alert_windows).where(alert_windows.c.minute < bindparam("before")))


class SqlHabits(Habits):
    """Keeps the tables `habits` and `first_reads`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._of = _OF.on(connection)
        self._note = _NOTE.on(connection)

    def of(self, principal: str) -> Habit | None:
        """Return the habit of a caller, or `None`."""
        row = self._of.one({"of": principal})
        if row is None:
            return None
        name, since, hours, days, last_day = row
        return Habit(principal=name, since=since, hours=hours, days=days, last_day=last_day)

    def keep(self, habit: Habit) -> None:
        """Keep a habit."""
        kept = self._connection.execute(
            _KEEP,
            {
                "of": habit.principal, "to_since": habit.since, "to_hours": habit.hours,
                "to_days": habit.days, "to_last_day": habit.last_day,
            },
        )  # fmt: skip
        if kept.rowcount == 0:
            self._connection.execute(
                insert(habits),
                {
                    "principal": habit.principal, "since": habit.since, "hours": habit.hours,
                    "days": habit.days, "last_day": habit.last_day,
                },
            )  # fmt: skip

    def first_reads(
        self, principals: Collection[str], uids: Collection[bytes]
    ) -> Mapping[tuple[str, bytes], datetime]:
        """Return when these callers read these secrets for the first time, those that did."""
        found = self._connection.execute(
            select(first_reads).where(
                first_reads.c.principal.in_(principals), first_reads.c.secret_uid.in_(uids)
            )
        )
        return {(row.principal, row.secret_uid): row.at for row in found}

    def note_reads(self, reads: Mapping[tuple[str, bytes], datetime]) -> None:
        """Remember first times, by caller and secret. There must be none yet."""
        rows = [
            {"principal": principal, "secret_uid": uid, "at": at}
            for (principal, uid), at in reads.items()
        ]
        if rows:
            self._note.run_each(rows)


class SqlWindows(Windows):
    """Keeps the table `alert_windows`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._count = _COUNT.on(connection)
        self._total = _TOTAL.on(connection)
        self._forget = _FORGET.on(connection)

    def add(self, rule: str, key: str, *, minute: int, count: int) -> None:
        """Count something that happened in a minute."""
        given = {"of_rule": rule, "of_key": key, "of_minute": minute, "more": count}
        if self._count.run(given) == 0:
            row = {"rule": rule, "key": key, "minute": minute, "count": count}
            self._connection.execute(insert(alert_windows), row)

    def total(self, rule: str, key: str, *, since: int, until: int) -> int:
        """Return the count of the minutes from `since` up to, and with, `until`."""
        given = {"of_rule": rule, "of_key": key, "since": since, "until": until}
        (total,) = self._total.one(given) or (0,)
        return int(total)

    def forget(self, *, before: int) -> None:
        """Erase what was counted in minutes before one."""
        self._forget.run({"before": before})
