"""Alerts in SQL."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql.alert_tables import alerts
from domain.alerts.alert import Alert, Finding, Rule, Severity
from domain.alerts.query import AlertQuery
from domain.errors import LostRace
from domain.ports.alert_repository import AlertRepository

_NEWEST = (
    select(alerts)
    .where(alerts.c.rule == bindparam("of_rule"), alerts.c.key == bindparam("of_key"))
    .order_by(alerts.c.id.desc())
    .limit(1)
)
_FIND = select(alerts).where(alerts.c.id == bindparam("number"))
_REPLACE = (
    update(alerts)
    .where(alerts.c.id == bindparam("number"))
    .values(
        repeats=bindparam("to_repeats"),
        quiet_until=bindparam("to_quiet_until"),
        acknowledged_at=bindparam("to_acknowledged_at"),
        acknowledged_by=bindparam("to_acknowledged_by"),
    )
)


class SqlAlertRepository(AlertRepository):
    """Keeps the table `alerts`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def add(self, finding: Finding, *, raised_at: datetime) -> Alert:
        """Keep a finding as an alert, and return it with its id.

        Raises:
            LostRace: the same was told of with the same moment.
        """
        row = {
            "rule": finding.rule.value, "severity": finding.severity.value, "key": finding.key,
            "at": finding.at, "raised_at": raised_at, "summary": finding.summary,
            "details": json.dumps(dict(finding.details)), "repeats": 0,
            "quiet_until": finding.at + finding.quiet,
        }  # fmt: skip
        try:
            made = self._connection.execute(insert(alerts).returning(alerts), row)
            return _alert(made.one())
        except IntegrityError as error:
            raise LostRace from error

    def newest(self, rule: Rule, key: str) -> Alert | None:
        """Return the newest alert of a rule about somebody or something, or `None`."""
        given = {"of_rule": rule.value, "of_key": key}
        row = self._connection.execute(_NEWEST, given).one_or_none()
        return None if row is None else _alert(row)

    def find(self, number: int) -> Alert | None:
        """Return the alert with this id, or `None`."""
        row = self._connection.execute(_FIND, {"number": number}).one_or_none()
        return None if row is None else _alert(row)

    def replace(self, alert: Alert) -> None:
        """Keep how often it was found again, until when it is quiet, and who acknowledged it."""
        self._connection.execute(
            _REPLACE,
            {
                "number": alert.id, "to_repeats": alert.repeats,
                "to_quiet_until": alert.quiet_until,
                "to_acknowledged_at": alert.acknowledged_at,
                "to_acknowledged_by": alert.acknowledged_by,
            },
        )  # fmt: skip

    def page(self, query: AlertQuery) -> Sequence[Alert]:
        """Return the alerts that all filters fit, the newest first."""
        asked = select(alerts).order_by(alerts.c.id.desc()).limit(query.limit)
        if query.before is not None:
            asked = asked.where(alerts.c.id < query.before)
        if query.rule is not None:
            asked = asked.where(alerts.c.rule == query.rule.value)
        if query.acknowledged is not None:
            at = alerts.c.acknowledged_at
            asked = asked.where(at.is_not(None) if query.acknowledged else at.is_(None))
        return [_alert(row) for row in self._connection.execute(asked)]


def _alert(row: Row[*tuple[Any, ...]]) -> Alert:
    """Read an alert out of its row."""
    return Alert(
        id=row.id,
        rule=Rule(row.rule),
        severity=Severity(row.severity),
        key=row.key,
        at=row.at,
        raised_at=row.raised_at,
        summary=row.summary,
        details=json.loads(row.details),
        quiet_until=row.quiet_until,
        repeats=row.repeats,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )
