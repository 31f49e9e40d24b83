"""Figures of secrets and of the audit log."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from domain.ports.storage import Session

SOON = (1, 7, 30)
"""Days ahead that expiring secrets are counted for."""


def of_secrets(session: Session, now: datetime) -> Iterator[Metric]:
    """Return how many secrets there are, and how many of them expire."""
    census = session.census
    kept = GaugeMetricFamily(
        "strongroom_secrets", "Secrets, and those in the recycle bin.", labels=("state",)
    )
    kept.add_metric(("living",), census.living())
    kept.add_metric(("deleted",), census.deleted())
    yield kept
    yield GaugeMetricFamily(
        "strongroom_earlier_versions",
        "Earlier versions of all secrets.",
        value=census.earlier_versions(),
    )
    expired = census.expiring(upto=now)
    yield GaugeMetricFamily(
        "strongroom_secrets_expired", "Secrets whose expiry has passed.", value=expired
    )
    expiring = GaugeMetricFamily(
        "strongroom_secrets_expiring",
        "Secrets that expire within so many days, without those that have expired.",
        labels=("days",),
    )
    for days in SOON:
        within = census.expiring(upto=now + timedelta(days=days))
        expiring.add_metric((str(days),), within - expired)
    yield expiring


def of_audit(session: Session, now: datetime) -> Iterator[Metric]:
    """Return how long the audit log is, and how old its newest checkpoint."""
    yield GaugeMetricFamily(
        "strongroom_audit_entries",
        "Entries of the audit log, those erased included.",
        value=session.audit_tree.state().size,
    )
    newest = session.checkpoints.newest()
    if newest is not None:
        yield GaugeMetricFamily(
            "strongroom_audit_checkpoint_entries",
            "Entries that the newest checkpoint covers.",
            value=newest.size,
        )
        yield GaugeMetricFamily(
            "strongroom_audit_checkpoint_age_seconds",
            "Age of the newest checkpoint.",
            value=(now - newest.at).total_seconds(),
        )
