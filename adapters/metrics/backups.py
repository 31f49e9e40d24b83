"""Figures of backups."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from domain.backups.run import BackupRun, RunOutcome
from domain.ports.storage import Session


def of_backups(session: Session, now: datetime) -> Iterator[Metric]:
    """Return how the newest backup went, and when one was last proved.

    A store that has none tells 0, which every rule about its age takes for very old.
    """
    state = session.backup_runs.state()
    newest, done = state.newest, state.last_done
    yield GaugeMetricFamily(
        "strongroom_backup_last_success_timestamp_seconds",
        "When the newest backup that was proved was begun, in Unix time; 0 without one.",
        value=0.0 if done is None else done.started_at.timestamp(),
    )
    if done is not None:
        yield GaugeMetricFamily(
            "strongroom_backup_age_seconds",
            "Age of the newest backup that was proved.",
            value=(now - done.started_at).total_seconds(),
        )
        yield GaugeMetricFamily(
            "strongroom_backup_size_bytes", "Its size where it lies.", value=float(done.bytes)
        )
        yield GaugeMetricFamily(
            "strongroom_backup_duration_seconds",
            "Time that it took to make and prove.",
            value=_seconds(done),
        )
    outcomes = GaugeMetricFamily(
        "strongroom_backup_newest", "How the newest backup went: 1 for that.", labels=("outcome",)
    )
    for outcome in RunOutcome:
        went = newest is not None and newest.outcome is outcome
        outcomes.add_metric((outcome.value,), float(went))
    yield outcomes


def _seconds(run: BackupRun) -> float:
    """Return how long a run took."""
    ended = run.started_at if run.finished_at is None else run.finished_at
    return (ended - run.started_at).total_seconds()
