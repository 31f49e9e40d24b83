"""Figures of keys and rotations."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.rotation import Rotation
from domain.ports.storage import Session


def of_keys(session: Session, now: datetime) -> Iterator[Metric]:
    """Return how many keys there are, how old they are, and how far a rotation is."""
    keys = session.data_keys.all()
    yield _states(keys)
    sealing = next((key for key in keys if _seals(key)), None)
    if sealing is not None:
        yield GaugeMetricFamily(
            "strongroom_data_key_age_seconds",
            "Age of the data key that seals new values.",
            value=(now - sealing.created_at).total_seconds(),
        )
    root_key = session.root_keys.current()
    if root_key is not None:
        yield GaugeMetricFamily(
            "strongroom_root_key_age_seconds",
            "Age of the root key.",
            value=(now - root_key.since).total_seconds(),
        )
    yield from _progress(next(iter(session.rotations.newest(limit=1)), None))


def _seals(key: DataKey) -> bool:
    """Tell whether the key seals new values."""
    return key.purpose is KeyPurpose.SEAL and key.state is KeyState.ACTIVE


def _states(keys: Sequence[DataKey]) -> Metric:
    """Return how many keys there are in each state."""
    family = GaugeMetricFamily(
        "strongroom_data_keys", "Data keys by purpose and state.", labels=("purpose", "state")
    )
    counts = Counter((key.purpose, key.state) for key in keys)
    for purpose in KeyPurpose:
        for state in KeyState:
            family.add_metric((purpose.value, state.value), counts[purpose, state])
    return family


def _progress(rotation: Rotation | None) -> Iterator[Metric]:
    """Return how far the newest rotation is."""
    figures = {
        "running": ("Whether a data-key rotation runs.", rotation and rotation.is_running),
        "values": ("Values under the old keys when it began.", rotation and rotation.total),
        "resealed_values": ("Values moved so far.", rotation and rotation.resealed),
        "unreadable_values": ("Values that do not open.", rotation and rotation.unreadable),
    }
    for name, (text, value) in figures.items():
        yield GaugeMetricFamily(
            f"strongroom_rotation_{name}", f"Newest rotation: {text}", value=float(value or 0)
        )
