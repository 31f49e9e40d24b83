"""What workers counted and told, summed over all of them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from adapters.metrics import catalogue
from adapters.metrics.board import Board, Told
from adapters.metrics.layout import Counter, Histogram, Layout, WorkerFigure
from domain.access.action import Action
from domain.audit.event import Outcome

Numbers = Sequence[float]

_WRITES = (
    Action.CREATE, Action.UPDATE, Action.DELETE, Action.PURGE, Action.RESTORE,
    Action.RESTORE_VERSION, Action.DESTROY_VERSION,
)  # fmt: skip
_SUMS = {
    "strongroom_reveals": ("Values that were read.", (Action.REVEAL,), Outcome.DONE),
    "strongroom_writes": ("Changes of secrets that were made.", _WRITES, Outcome.DONE),
    "strongroom_denials": (
        "Calls that the policy, an expiry or a credential refused.", Action, Outcome.DENIED,
    ),
}  # fmt: skip
"""What is a sum over `strongroom_actions_total`, under a name of its own."""


class BoardCollector(Collector):
    """Tells what stands on the board."""

    def __init__(self, board: Board, layout: Layout) -> None:
        """Take the board, and where everything stands on it."""
        self._board = board
        self._layout = layout

    def collect(self) -> Iterator[Metric]:
        """Return all families."""
        told = list(self._board.told())
        totals = [sum(column) for column in zip(*(block.values for block in told), strict=True)]
        for family in self._layout.families:
            match family:
                case Counter():
                    yield self._counter(family, totals)
                case Histogram():
                    yield self._histogram(family, totals)
                case WorkerFigure():
                    yield self._of_workers(family, told)
        yield from self._sums(totals)

    def _counter(self, family: Counter, totals: Numbers) -> Metric:
        """Return a counter."""
        metric = CounterMetricFamily(family.name, family.text, labels=family.labels)
        for labels, place in self._layout.places(family).items():
            metric.add_metric(labels, totals[place])
        return metric

    def _histogram(self, family: Histogram, totals: Numbers) -> Metric:
        """Return a histogram; Prometheus wants each bucket to hold those below it as well."""
        metric = HistogramMetricFamily(family.name, family.text, labels=family.labels)
        bounds = [*(str(bound) for bound in family.buckets), "+Inf"]
        for labels, place in self._layout.places(family).items():
            counts = list(accumulate(totals[place : place + len(bounds)]))
            if counts[-1] or not family.quiet:
                total = totals[place + len(bounds)]
                metric.add_metric(labels, list(zip(bounds, counts, strict=True)), total)
        return metric

    def _of_workers(self, family: WorkerFigure, told: Iterable[Told]) -> Metric:
        """Return a figure of each worker that is alive, or of all when it grows."""
        kind = CounterMetricFamily if family.grows else GaugeMetricFamily
        metric = kind(family.name, family.text, labels=("worker",))
        place = self._layout.place(family)
        for block in told:
            if block.alive or family.grows:
                metric.add_metric((str(block.number),), block.values[place])
        return metric

    def _sums(self, totals: Numbers) -> Iterator[Metric]:
        """Return the sums over actions."""
        places = self._layout.places(catalogue.ACTIONS)
        for name, (text, actions, outcome) in _SUMS.items():
            summed = sum(totals[places[action.value, outcome.value]] for action in actions)
            yield CounterMetricFamily(name, text, value=summed)
