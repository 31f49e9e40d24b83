"""Where alerts are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.alerts.alert import Alert, Finding, Rule
from domain.alerts.query import AlertQuery


class AlertRepository(ABC):
    """Keeps alerts."""

    @abstractmethod
    def add(self, finding: Finding, *, raised_at: datetime) -> Alert:
        """Keep a finding as an alert, and return it with its id.

        Raises:
            LostRace: the same was told of with the same moment.
        """

    @abstractmethod
    def newest(self, rule: Rule, key: str) -> Alert | None:
        """Return the newest alert of a rule about somebody or something, or `None`."""

    @abstractmethod
    def find(self, number: int) -> Alert | None:
        """Return the alert with this id, or `None`."""

    @abstractmethod
    def replace(self, alert: Alert) -> None:
        """Keep how often it was found again, until when it is quiet, and who acknowledged it."""

    @abstractmethod
    def page(self, query: AlertQuery) -> Sequence[Alert]:
        """Return the alerts that all filters fit, the newest first."""
