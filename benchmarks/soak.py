"""Measures whether a server stays as it is: the same mix for an hour, with its memory told."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.asking import create, get
from benchmarks.paced import Part, mix
from benchmarks.servers import Server, running

CONNECTIONS = 64
WRITES = 10
"""One request of as many creates a secret."""


def minutes(server: Server, count: int, rate: int, seconds: float) -> Iterator[dict[str, float]]:
    """Load a server for as many stretches, and tell of each what callers saw and what it holds."""
    shown = "".join(f"{name}: {text}\r\n" for name, text in server.headers.items())
    reveal = get("/api/secrets/{}/decrypt", shown)
    for number in range(count):
        used = server.cpu()
        writing = Part(create(f"minute-{number}", shown), WRITES)
        reads, writes = asyncio.run(
            mix(server.port, reveal, writing, rate=rate, connections=CONNECTIONS, seconds=seconds)
        )
        yield {
            "minute": number + 1,
            "memory_mb": round(server.memory(), 1),
            "read_p50_ms": reads.p50,
            "read_p99_ms": reads.p99,
            "write_p99_ms": writes.p99,
            "errors": reads.errors + writes.errors,
            "cpu_us": (server.cpu() - used) / (rate * seconds) * 1_000_000,
        }


def main() -> None:
    """Print a line of figures for each minute, then what the audit log says of all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "soak"
        with running("strongroom", folder) as server:
            for line in minutes(server, arguments.minutes, arguments.rate, 60.0):
                print(json.dumps(line), flush=True)
        verify = [sys.executable, "-m", "entrypoints.cli.main", "audit", "verify"]
        told = subprocess.run([*verify, "--data-dir", str(folder)], check=False).returncode
    sys.exit(told)


if __name__ == "__main__":
    main()
