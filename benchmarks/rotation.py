"""Measures a data-key rotation under load: values a second, and what callers notice of it."""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from benchmarks.asking import create, get
from benchmarks.load import Measured, measure
from benchmarks.servers import Server, running

CONNECTIONS = 8
IN_ONE_CALL = 64


async def seed(base: str, values: int) -> None:
    """Fill the store through the API."""
    numbers = iter(range(values))

    async def some(client: httpx.AsyncClient) -> None:
        for number in numbers:
            body = {"name": f"seed-{number}", "value": f"value-{number}"}
            (await client.post("/api/secrets", json=body)).raise_for_status()

    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
        await asyncio.gather(*(some(client) for _ in range(IN_ONE_CALL)))


async def load(port: int, seconds: float, prefix: str) -> tuple[Measured, Measured]:
    """Read and write at once; return what readers saw and what writers saw."""
    return await asyncio.gather(
        measure(port, get("/api/secrets/{}/decrypt"), connections=CONNECTIONS, seconds=seconds),
        measure(port, create(prefix), connections=1, seconds=seconds),
    )


async def rotate(base: str) -> tuple[dict[str, object], float]:
    """Rotate to the end; return the rotation and how long it took, in seconds."""
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
        began = time.perf_counter()
        rotation = (await client.post("/api/keys/rotate")).json()
        while rotation["state"] == "running":
            await asyncio.sleep(0.25)
            answer = await client.get(f"/api/keys/rotations/{rotation['id']}")
            rotation = answer.json()
        return rotation, time.perf_counter() - began


async def loaded_until(
    port: int, rotation: "asyncio.Task[Any]", seconds: float
) -> Sequence[tuple[Measured, Measured]]:
    """Load the server in pieces until the rotation has ended."""
    pieces: list[tuple[Measured, Measured]] = []
    while not rotation.done():
        pieces.append(await load(port, seconds, f"during-{len(pieces)}"))
    return pieces


async def run(server: Server, values: int, seconds: float) -> dict[str, object]:
    """Seed, let what follows the log catch up, measure, rotate under load, count what is left."""
    port, base = server.port, f"http://127.0.0.1:{server.port}"
    await seed(base, values)
    await asyncio.to_thread(server.settle)
    before = await load(port, seconds, "before")
    task = asyncio.create_task(rotate(base))
    during = await loaded_until(port, task, seconds)
    rotation, took = await task
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        keys = (await client.get("/api/keys")).json()["keys"]
    left = sum(key["values"] for key in keys if key["state"] == "retired")
    moved = int(str(rotation["resealed"]))
    return {
        "values": moved,
        "values_per_second": moved / took,
        "left_under_old_keys": left,
        "failed_requests": sum(part.errors for pair in (before, *during) for part in pair),
        "requests_meanwhile": sum(part.per_second * seconds for pair in during for part in pair),
        "reads_before": asdict(before[0]),
        "reads_during": [asdict(pair[0]) for pair in during],
        "writes_before": asdict(before[1]),
        "writes_during": [asdict(pair[1]) for pair in during],
    }


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running("local", Path(folder) / "a") as server:
        report = asyncio.run(run(server, arguments.values, arguments.seconds))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
