"""All metrics in the form that a scraper takes."""

import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Exposition:
    """Writes out what the collectors tell."""

    def __init__(
        self, collectors: Sequence[Collector], *, before: Callable[[], None] | None = None
    ) -> None:
        """Take the collectors, and what is done before they are asked."""
        self._before = before
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (Build(), *collectors):
            self._registry.register(collector)

    def __call__(self, accepted: str) -> tuple[bytes, str]:
        """Return the metrics and their media type, in the form that a scraper would rather have.

        Args:
            accepted: the header `Accept` of the request, which may be empty.
        """
        if self._before is not None:
            self._before()
        if prefers_open_metrics(accepted):
            written: bytes = openmetrics.generate_latest(self._registry)  # type: ignore[no-untyped-call]
            return written, OPEN_METRICS
        return generate_latest(self._registry), TEXT


class Build(Collector):
    """Tells what runs."""

    def collect(self) -> Sequence[GaugeMetricFamily]:
        """Return one family whose value is always 1."""
        family = GaugeMetricFamily(
            "strongroom_build_info", "What runs, in its labels.", labels=("version", "python")
        )
        family.add_metric((version("strongroom"), platform.python_version()), 1)
        return (family,)


def prefers_open_metrics(accepted: str) -> bool:
    """Tell whether OpenMetrics is wanted at least as much as plain text (RFC 9110, 12.5.1)."""
    wanted = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for item in accepted.split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        if kind in wanted:
            wanted[kind] = max(wanted[kind], _quality(parameters))
    open_metrics, text = wanted.values()
    return open_metrics > 0 and open_metrics >= text


def _quality(parameters: Sequence[str]) -> float:
    """Return the weight of one accepted type; one that cannot be read does not count."""
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
