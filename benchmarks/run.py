"""Measures Strongroom beside the textbook server and the ceiling: in turn, medians, ratios.

Every ratio is of figures from one run. The servers take turns (A B C A B C …), so that a machine
whose speed drifts treats them alike. After each turn whatever follows the audit log catches up, or
it would work in the turns of others.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import load, wrk
from benchmarks.asking import requests_of
from benchmarks.load import Measured
from benchmarks.servers import KINDS, Server, running


@dataclass(frozen=True, slots=True)
class Point:
    """What is asked, on how many connections, of which servers."""

    what: str
    connections: int
    kinds: tuple[str, ...] = ("strongroom", "textbook")

    @property
    def name(self) -> str:
        """Return how it is called in the report."""
        plural = "s" if self.connections > 1 else ""
        return f"{self.what}, {self.connections} connection{plural}"


ALL = KINDS
OURS = ("strongroom", "local", "bare", "textbook")
POINTS = (
    Point("reveal", 64, ALL),
    Point("reveal", 1, ALL),
    Point("reveal by name", 64, ("strongroom",)),
    Point("metadata", 64, OURS),
    Point("metadata", 1, OURS),
    Point("list", 16),
    Point("bulk", 16, ("strongroom",)),
    Point("create", 64),
    Point("create", 1),
)


def measure(server: Server, point: Point, seconds: float, unit: int) -> Measured:
    """Load one server once."""
    if wrk.is_there():
        return wrk.measure(
            server, point.what, connections=point.connections, seconds=seconds, unit=unit
        )
    before = server.cpu()
    make = requests_of(server, point.what, unit)
    found = asyncio.run(
        load.measure(server.port, make, connections=point.connections, seconds=seconds)
    )
    used = server.cpu() - before
    return Measured(**asdict(found) | {"cpu": used / (found.per_second * seconds) * 1e6})


def median(runs: Sequence[Measured]) -> Measured:
    """Return the median of every figure; errors are summed."""
    return Measured(
        per_second=statistics.median(run.per_second for run in runs),
        p50=statistics.median(run.p50 for run in runs),
        p99=statistics.median(run.p99 for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        errors=sum(run.errors for run in runs),
    )


def compare(
    servers: Mapping[str, Server], points: Iterable[Point], rounds: int, seconds: float
) -> dict[str, dict[str, dict[str, float]]]:
    """Measure every point on its servers in turn."""
    report: dict[str, dict[str, dict[str, float]]] = {}
    unit = 0
    for point in points:
        asked = [servers[kind] for kind in point.kinds if kind in servers]
        runs: dict[str, list[Measured]] = {server.kind: [] for server in asked}
        for _ in range(rounds):
            for server in asked:
                unit += 1
                runs[server.kind].append(measure(server, point, seconds, unit))
                server.settle()
        found = {kind: median(measured) for kind, measured in runs.items()}
        report[point.name] = {kind: _with_ratios(found, kind) for kind in found}
        _print(point, report[point.name])
    return report


def _with_ratios(found: Mapping[str, Measured], kind: str) -> dict[str, float]:
    """Return the figures of one server, and its ratios to the reference and the ceiling."""
    figures: dict[str, float] = asdict(found[kind])
    for other in ("textbook", "ceiling"):
        if other in found and kind != other:
            figures[f"of_{other}"] = found[kind].per_second / found[other].per_second
    return figures


def _print(point: Point, found: Mapping[str, Mapping[str, float]]) -> None:
    print(point.name)
    for kind, of in found.items():
        ratios = "".join(
            f"  {of[f'of_{other}']:5.2f} of the {other}"
            for other in ("textbook", "ceiling")
            if f"of_{other}" in of
        )
        latency = f"p50 {of['p50']:7.2f} ms  p99 {of['p99']:7.2f} ms"
        cost = f"{of['cpu']:6.0f} µs of processor  errors {of['errors']}"
        print(f"    {kind:10} {of['per_second']:8.0f}/s  {latency}  {cost}{ratios}", flush=True)


def main() -> None:
    """Run the points and print them; `--json` also writes them to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", default="", help="points whose names contain this text")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    points = [point for point in POINTS if arguments.only in point.name]
    kinds = {kind for point in points for kind in point.kinds}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            kind: stack.enter_context(running(kind, Path(folder) / kind))
            for kind in KINDS
            if kind in kinds
        }
        found = compare(servers, points, arguments.rounds, arguments.seconds)
        beside = {
            kind: {"start_seconds": server.started, "memory_mb": server.memory()}
            for kind, server in servers.items()
        }
    for kind, of in beside.items():
        print(f"{kind:10} first answer after {of['start_seconds']:.2f} s, {of['memory_mb']:.0f} MB")
    if arguments.json:
        by = "wrk" if wrk.is_there() else "python"
        report = {"points": found, "servers": beside, "load": by}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
