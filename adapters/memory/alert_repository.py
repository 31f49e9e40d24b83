"""Alerts in memory."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from adapters.memory.tables import Tables
from domain.alerts.alert import Alert, Finding, Rule
from domain.alerts.query import AlertQuery
from domain.errors import LostRace
from domain.ports.alert_repository import AlertRepository


class MemoryAlertRepository(AlertRepository):
    """Keeps alerts by id."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def add(self, finding: Finding, *, raised_at: datetime) -> Alert:
        """Keep a finding as an alert, and return it with its id.

        Raises:
            LostRace: the same was told of with the same moment.
        """
        same = (finding.rule, finding.key, finding.at)
        if any((one.rule, one.key, one.at) == same for one in self._tables.alerts.values()):
            raise LostRace
        self._tables.last_alert += 1
        alert = Alert(
            id=self._tables.last_alert,
            rule=finding.rule,
            severity=finding.severity,
            key=finding.key,
            at=finding.at,
            raised_at=raised_at,
            summary=finding.summary,
            details=MappingProxyType(dict(finding.details)),
            quiet_until=finding.at + finding.quiet,
        )
        self._tables.alerts.put(alert.id, alert)
        return alert

    def newest(self, rule: Rule, key: str) -> Alert | None:
        """Return the newest alert of a rule about somebody or something, or `None`."""
        found = [one for one in self._tables.alerts.values() if (one.rule, one.key) == (rule, key)]
        return max(found, key=lambda one: one.id, default=None)

    def find(self, number: int) -> Alert | None:
        """Return the alert with this id, or `None`."""
        return self._tables.alerts.get(number)

    def replace(self, alert: Alert) -> None:
        """Keep how often it was found again, until when it is quiet, and who acknowledged it."""
        self._tables.alerts.put(alert.id, alert)

    def page(self, query: AlertQuery) -> Sequence[Alert]:
        """Return the alerts that all filters fit, the newest first."""
        newest_first = sorted(self._tables.alerts.values(), key=lambda one: -one.id)
        return [one for one in newest_first if query.fits(one)][: query.limit]
