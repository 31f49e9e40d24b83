"""How long an answer takes tells nothing of what is hidden: measured at a real server.

Both kinds of request are sent in turns and in any order, and their ranks compared (Mann and
Whitney's test), so that neither the machine's speed nor its other work matters. A difference shows
in every round; chance does not.
"""

import math
import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence

import pytest

from domain.access.credential import Credential
from tests.e2e.running import RunningServer, running
from tests.e2e.test_guarded import REQUIRED, run

SAMPLES = int(os.environ.get("TIMING_SAMPLES", "30"))
"""Requests of each kind and round; the campaign sends more, and so sees smaller differences."""

ROUNDS = 5
SUSPICIOUS = 4.0
"""Standard deviations that chance reaches once in 16,000 rounds."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with two secrets, and a caller who sees neither."""
    folder = tmp_path_factory.mktemp("timing") / "data"
    token = run("init", "--data-dir", str(folder)).strip()
    unlimited = {"STRONGROOM_RATE_LIMIT_FAILURES": "0", "STRONGROOM_LOG_REQUESTS": "none"}
    with running(folder, env={**REQUIRED, **unlimited}) as server:
        headers = {"authorization": f"Bearer {token}"}
        for name, value in (("hidden/short", "v"), ("hidden/long", "x" * 60_000)):
            body = {"name": name, "value": value}
            server.client.post("/api/secrets", json=body, headers=headers).raise_for_status()
        for name in ("caller", "gone"):
            principal = {"name": name, "roles": []}
            server.client.post("/api/principals", json=principal, headers=headers)
        made = [
            server.client.post("/api/tokens", json={"principal": name}, headers=headers).json()
            for name in ("caller", "gone")
        ]
        server.client.delete(f"/api/tokens/{made[1]['id']}", headers=headers).raise_for_status()
        server.client.headers["authorization"] = f"Bearer {made[0]['token']}"
        server.client.headers["x-revoked"] = made[1]["token"]
        yield server


def ask(server: RunningServer, path: str, token: str | None, status: int) -> float:
    """Send one request and return how long the answer took, in seconds."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    began = time.perf_counter()
    answer = server.client.get(path, headers=headers)
    took = time.perf_counter() - began
    assert answer.status_code == status, answer.text
    return took


def deviation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how far the ranks of two samples lie apart, in standard deviations."""
    ordered = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, kind) in enumerate(ordered, 1) if kind == 0)
    count = len(one) * len(other)
    mean = len(one) * (len(one) + len(other) + 1) / 2
    return (ranks - mean) / math.sqrt(count * (len(one) + len(other) + 1) / 12)


PAIRS = {
    "by name": ("/api/secrets/name/hidden/short/decrypt", "/api/secrets/name/hidden/shore/decrypt"),
    "a long value": ("/api/secrets/name/hidden/long/decrypt", "/api/secrets/name/absent/decrypt"),
    "by id": ("/api/secrets/1", "/api/secrets/77"),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_hidden_and_absent_take_the_same_time(served: RunningServer, pair: tuple[str, str]) -> None:
    assert_alike(served, [(path, None, 404) for path in pair])


def test_a_token_that_was_known_takes_the_time_of_one_that_never_was(served: RunningServer) -> None:
    revoked = served.client.headers["x-revoked"]
    unknown = Credential.minted(bytes(32)).reveal()
    assert_alike(served, [("/api/whoami", token, 401) for token in (revoked, unknown)])


def assert_alike(server: RunningServer, kinds: Sequence[tuple[str, str | None, int]]) -> None:
    """Send both kinds in turns until a round shows no difference."""
    chance = random.Random(0)  # noqa: S311  for the order only
    seen = []
    for _ in range(ROUNDS):
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(SAMPLES):
            for kind in chance.sample((0, 1), 2):
                took[kind].append(ask(server, *kinds[kind]))
        seen.append(deviation(*took))
        medians = [statistics.median(each) * 1000 for each in took]
        print(f"{medians[0]:.3f} and {medians[1]:.3f} ms: {seen[-1]:.1f} standard deviations")
        if abs(seen[-1]) < SUSPICIOUS:
            return
    raise AssertionError(seen)
