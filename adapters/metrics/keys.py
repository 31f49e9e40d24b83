"""Figures of keys and rotations, read from the store, so that every worker tells the same."""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.keys.data_key import DataKey, KeyPurpose, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.rotation import Rotation
from domain.ports.clock import Clock
from domain.ports.storage import Session, Storage


class KeyCollector(Collector):
    """Collects `strongroom_data_keys`, the ages of the keys, and how far a rotation is."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        """Take where to look, and the clock that ages go by."""
        self._storage = storage
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Return the figures of this moment."""
        keys, root_key, rotation = self._storage.read(_look).result()
        now = self._clock.now()
        yield _states(keys)
        sealing = next((key for key in keys if _seals(key)), None)
        if sealing is not None:
            yield GaugeMetricFamily(
                "strongroom_data_key_age_seconds",
                "Age of the data key that seals new values.",
                value=(now - sealing.created_at).total_seconds(),
            )
        if root_key is not None:
            yield GaugeMetricFamily(
                "strongroom_root_key_age_seconds",
                "Age of the root key.",
                value=(now - root_key.since).total_seconds(),
            )
        yield from _progress(rotation)


def exposition(storage: Storage, clock: Clock) -> bytes:
    """Return all metrics in the text exposition format."""
    registry = CollectorRegistry()
    registry.register(KeyCollector(storage=storage, clock=clock))
    return generate_latest(registry)


def _look(session: Session) -> tuple[Sequence[DataKey], RootKeyRecord | None, Rotation | None]:
    """Read everything on one snapshot."""
    newest = next(iter(session.rotations.newest(limit=1)), None)
    return session.data_keys.all(), session.root_keys.current(), newest


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
