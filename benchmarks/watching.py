"""Measures what watching costs a reveal: metrics, alerts, activity and tracing, each on beside off.

Servers take turns (A B C A B C …) many times and shortly, each with one part more than the one
before, so that a machine whose speed drifts treats them alike. What follows the audit log does so
some seconds later: so the processor time of the whole run counts, less what the same server takes
at rest, divided by all answers. It is of the whole process, all its threads together. Processes
that do the same differ by some percent for as long as they live: so all are started anew several
times.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import mean

from benchmarks.run import Point, measure
from benchmarks.servers import Server, running
from benchmarks.watched import ACTIVITY, ALERTS, METRICS
from tests.collector import Collector

CONNECTIONS = 64
SETTLE_SECONDS = 8.0
"""After which what follows the log has caught up: activity is counted every five seconds."""

REST_SECONDS = 15.0

Variant = tuple[tuple[str, ...], str | None]
"""The parts, and the share of requests that is traced."""

VARIANTS: dict[str, Variant] = {
    "nothing": ((), None),
    "metrics": ((METRICS,), None),
    "and alerts": ((METRICS, ALERTS), None),
    "and activity": ((METRICS, ALERTS, ACTIVITY), None),
    "and traces of 1 %": ((METRICS, ALERTS, ACTIVITY), "0.01"),
    "and all traces": ((METRICS, ALERTS, ACTIVITY), "1"),
}


class Spent:
    """What one server has used since it was last looked at, and how often it has answered."""

    def __init__(self, server: Server) -> None:
        """Begin."""
        self.server = server
        self.answers = 0.0
        self.began = time.monotonic()
        self.before = server.cpu()

    def ask(self, seconds: float, unit: int) -> None:
        """Load the server for a time."""
        found = measure(self.server, Point("reveal", CONNECTIONS), seconds, unit)
        if found.errors:
            raise SystemExit(f"{found.errors} errors")
        self.answers += found.per_second * seconds

    def total(self) -> tuple[float, float]:
        """Return how much processor time was used, and how long it took, in seconds."""
        return self.server.cpu() - self.before, time.monotonic() - self.began

    def of_each(self, at_rest: float) -> float:
        """Return the processor time of an answer in microseconds, less what rest takes a second."""
        used, passed = self.total()
        return (used - at_rest * passed) / self.answers * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.7)
    arguments = parser.parse_args()
    found = [_once(arguments.rounds, arguments.seconds) for _ in range(arguments.starts)]
    for name in VARIANTS:
        more = [costs[name] / costs["nothing"] - 1 for costs in found]
        print(
            f"{name:20} {mean(costs[name] for costs in found):6.0f} µs  {mean(more):+7.1%}"
            f"  ({min(more):+.1%} to {max(more):+.1%})"
        )


def _once(rounds: int, seconds: float) -> dict[str, float]:
    """Return what a reveal costs on each of servers that were just started."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        collector = stack.enter_context(Collector().serving())
        servers = {}
        for number, (name, (parts, ratio)) in enumerate(VARIANTS.items()):
            env = {} if ratio is None else _tracing(collector, ratio)
            at = Path(folder) / str(number)
            servers[name] = stack.enter_context(running("watched", at, parts=parts, env=env))
        return _costs(servers, rounds, seconds)


def _costs(servers: dict[str, Server], rounds: int, seconds: float) -> dict[str, float]:
    """Return what a reveal costs on each server."""
    unit = 0
    for server in servers.values():
        Spent(server).ask(seconds, unit)  # warm, and what is loaded at first is loaded
    time.sleep(SETTLE_SECONDS)
    resting = {name: Spent(server) for name, server in servers.items()}
    time.sleep(REST_SECONDS)
    at_rest = {name: used / passed for name, (used, passed) in _totals(resting).items()}
    spent = {name: Spent(server) for name, server in servers.items()}
    for _ in range(rounds):
        for one in spent.values():
            unit += 1
            one.ask(seconds, unit)
    time.sleep(SETTLE_SECONDS)
    return {name: one.of_each(at_rest[name]) for name, one in spent.items()}


def _totals(spent: dict[str, Spent]) -> dict[str, tuple[float, float]]:
    """Return all totals."""
    return {name: one.total() for name, one in spent.items()}


def _tracing(collector: Collector, ratio: str) -> dict[str, str]:
    """Return the environment of a server that traces."""
    return {
        "STRONGROOM_TRACING": "otlp",
        "STRONGROOM_TRACING_ENDPOINT": collector.endpoint,
        "STRONGROOM_TRACING_RATIO": ratio,
        "STRONGROOM_TRACING_PER_SECOND": "0" if ratio == "1" else "10",
    }


if __name__ == "__main__":
    main()
