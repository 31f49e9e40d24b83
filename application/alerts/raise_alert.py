"""Making an alert of a finding, unless the same was told of lately."""

import hashlib
from dataclasses import replace

from application.webhooks.announce import Announce
from domain.alerts.alert import BEHAVIOUR, Alert, Finding, Rule
from domain.ports.clock import Clock
from domain.ports.storage import Session
from domain.webhooks.notice import Topic

KIND = "alert.raised"

_AUDIENCE_DIGITS = 16
"""Enough to tell apart the sets of receivers that one configuration has."""


class RaiseAlert:
    """Keeps the alert and tells of it, in one transaction."""

    def __init__(self, *, announce: Announce, clock: Clock) -> None:
        """Take what tells receivers."""
        self._announce = announce
        self._clock = clock

    def __call__(self, session: Session, finding: Finding) -> Alert | None:
        """Return the alert, or `None` when it is quiet about this and only counts.

        Raises:
            LostRace: another process has raised it at this moment.
        """
        finding = self._for_its_audience(finding)
        newest = session.alerts.newest(finding.rule, finding.key)
        if newest is not None and finding.at < newest.quiet_until:
            if finding.rule in BEHAVIOUR:
                session.alerts.replace(replace(newest, repeats=newest.repeats + 1))
            return None
        alert = session.alerts.add(finding, raised_at=self._clock.now())
        self._tell(session, alert, finding)
        return alert

    def _for_its_audience(self, finding: Finding) -> Finding:
        """Keep apart what different receivers are told.

        A caller reads many secrets, and it is quiet about the caller. A receiver that is told of
        some names only would miss its own when the first was one of another's.
        """
        if finding.rule is not Rule.FIRST_READ or finding.about is None:
            return finding
        told = self._announce.audience(Topic.ALERTS, (finding.about,))
        if len(told) == len(self._announce.audience(Topic.ALERTS, ())):
            return finding
        names = hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()[:_AUDIENCE_DIGITS]
        return replace(finding, key=f"{finding.key} audience {names}")

    def _tell(self, session: Session, alert: Alert, finding: Finding) -> None:
        """Put the notice into the outbox."""
        fields = {
            "id": alert.id, "rule": alert.rule.value, "severity": alert.severity.value,
            **finding.details,
        }  # fmt: skip
        self._announce(
            session,
            Topic.ALERTS,
            kind=KIND,
            at=alert.at,
            summary=alert.summary,
            data=fields,
            names=() if finding.about is None else (finding.about,),
        )
