"""Measures what watching costs a reveal, within one process: each part on beside off.

Applications, each with one part of the watching more than the one before, take turns in an order
that is drawn each time: short ones, because a machine's speed drifts. After as many reveals as a
loaded server answers in a second, each follows its log to the end, which counts as well. One
application stands twice: what that says is the noise.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.called import TOGETHER, Called, Watched
from benchmarks.watched import ACTIVITY, ALERTS, TASKS
from entrypoints import collector
from tests.collector import Collector

ALERTED = frozenset({TASKS[ALERTS]})
COUNTED = ALERTED | {TASKS[ACTIVITY]}

FEW = {
    "nothing": Watched(),
    "nothing, again": Watched(),
    "metrics": Watched(metrics=True),
    "and alerts": Watched(metrics=True, following=ALERTED),
    "and activity": Watched(metrics=True, following=COUNTED),
    "and tracing, none drawn": Watched(metrics=True, following=COUNTED, tracing=0.0),
    "and tracing, 1 % drawn": Watched(metrics=True, following=COUNTED, tracing=0.01),
}
ALL = {
    "nothing": Watched(),
    "and all traces": Watched(metrics=True, following=COUNTED, tracing=1.0),
}
"""Apart, because what sends spans goes on working in the turns of the others."""

Costs = Mapping[str, list[float]]
GROUPS = 8
"""Groups of reveals in a turn."""


async def _costs(called: Mapping[str, Called], rounds: int, turns: int) -> Costs:
    """Return what a reveal took in each round, in microseconds, by application."""
    found: Costs = {name: [] for name in called}
    for number in range(rounds + 1):
        spent = dict.fromkeys(called, 0.0)
        for turn in range(turns + 1):
            for name in random.sample(list(called), len(called)):
                one = called[name]
                spent[name] += await (one.ask(GROUPS) if turn < turns else one.follow())
        if number:  # the first round is for warming up
            for name, seconds in spent.items():
                found[name].append(seconds / (turns * GROUPS * TOGETHER) * 1e6)
    return found


def _table(found: Costs) -> str:
    """Return medians, and between what the middle half of the rounds lies."""
    lines = []
    for name, costs in found.items():
        more = [a / b - 1 for a, b in zip(costs, found["nothing"], strict=True)]
        low, middle, high = statistics.quantiles(more, n=4)
        lines.append(
            f"{name:24} {statistics.median(costs):6.0f} µs  {middle:+7.1%}"
            f"  ({low:+.1%} to {high:+.1%})"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--turns", type=int, default=10, help="until the log is followed")
    parser.add_argument("--all", action="store_true", help="trace all, instead of few")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Collector().serving() as receiving:
        called = {
            name: Called(Path(folder) / str(number), watched, endpoint=receiving.endpoint)
            for number, (name, watched) in enumerate((ALL if arguments.all else FEW).items())
        }
        collector.settle()
        found = asyncio.run(_costs(called, arguments.rounds, arguments.turns))
        for one in called.values():
            one.close()
    print(_table(found))


if __name__ == "__main__":
    main()
