"""Charts of what `make bench` found, as Mermaid writes them, which the docs show.

    python -m benchmarks.charts RUN.json [RUN.json …]

Every figure is the median of the runs.
"""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Points = Mapping[str, Mapping[str, Mapping[str, float]]]

TARGETS = {
    "reveal, 64 connections": ("reveal", 10),
    "metadata, 64 connections": ("metadata", 10),
    "list, 16 connections": ("list of 100", 15),
    "create, 64 connections": ("create", 10),
}
"""How a point is called in a chart, and how many times the reference it is to reach."""

SERVERS = {
    "textbook": "reference", "strongroom": "token, policy, audit", "local": "local mode",
    "bare": "none of them", "ceiling": "ceiling",
}  # fmt: skip


def chart(
    title: str, unit: str, names: Sequence[str], bars: Sequence[float], line: Sequence[float] = ()
) -> str:
    """Write a chart of bars, and a line over them.

    Args:
        title: what is shown.
        unit: of what.
        names: what each bar is called.
        bars: how high each is.
        line: where each was to reach, if that is shown.
    """
    top = max([*bars, *line]) * 1.1
    quoted = ", ".join(f'"{name}"' for name in names)
    lines = [
        "```mermaid",
        "xychart-beta",
        f'    title "{title}"',
        f"    x-axis [{quoted}]",
        f'    y-axis "{unit}" 0 --> {top:.0f}',
        f"    bar [{', '.join(map(_short, bars))}]",
    ]
    if line:
        lines.append(f"    line [{', '.join(map(_short, line))}]")
    return "\n".join([*lines, "```"])


def _short(figure: float) -> str:
    """Write a figure with no more digits than can be seen."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.1f}"  # noqa: PLR2004


def charts(runs: Sequence[Points]) -> str:
    """Return the charts of some runs."""

    def found(point: str, kind: str, figure: str) -> float:
        return statistics.median(run[point][kind][figure] for run in runs)

    reveal = "reveal, 64 connections"
    reached = [found(point, "strongroom", "of_textbook") for point in TARGETS]
    return "\n\n".join(
        [
            chart(
                "As often as the reference answers (bars), and what was to be reached (line)",
                "times the reference", [name for name, _ in TARGETS.values()], reached,
                [target for _, target in TARGETS.values()],
            ),
            chart(
                "Reveals a second, 64 connections", "a second", list(SERVERS.values()),
                [found(reveal, kind, "per_second") for kind in SERVERS],
            ),
            chart(
                "p99 of a reveal, 64 connections", "milliseconds", list(SERVERS.values()),
                [found(reveal, kind, "p99") for kind in SERVERS],
            ),
        ]
    )  # fmt: skip


def main() -> None:
    """Print the charts."""
    files = sys.argv[1:]
    if not files:
        raise SystemExit(__doc__)
    reports: list[Any] = [json.loads(Path(file).read_text()) for file in files]
    print(charts([report["points"] for report in reports]))


if __name__ == "__main__":
    main()
