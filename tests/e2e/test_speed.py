"""A reveal costs a fraction of what it costs the plain textbook server, measured in one run.

What is compared is processor time for each answer, which a busy machine does not change much. The
bound is far from what is measured (`docs/performance.md`): it is for mistakes, not for percents.
"""

import asyncio
from pathlib import Path

import pytest

from benchmarks.asking import requests_of
from benchmarks.load import measure
from benchmarks.servers import Server, running

pytestmark = pytest.mark.sqlite(
    "both are measured on their files; PostgreSQL has its own benchmark"
)

STOCK = 20
ROUNDS = 3
SECONDS = 0.5
BOUND = 0.7
"""The share of the reference's processor time; 0.2 to 0.25 is measured."""


def cost(server: Server) -> float:
    """Return the processor time of a reveal, in seconds."""
    make = requests_of(server, "reveal", 0, stock=STOCK)
    before = server.cpu()
    found = asyncio.run(measure(server.port, make, connections=16, seconds=SECONDS))
    assert found.errors == 0
    return (server.cpu() - before) / (found.per_second * SECONDS)


def test_a_reveal_costs_less_than_the_textbook_one(tmp_path: Path) -> None:
    with (
        running("strongroom", tmp_path / "ours", stock=STOCK) as ours,
        running("textbook", tmp_path / "theirs", stock=STOCK) as theirs,
    ):
        pairs = [(cost(ours), cost(theirs)) for _ in range(ROUNDS)]
    assert min(own / reference for own, reference in pairs) < BOUND
