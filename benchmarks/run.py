"""Measures Strongroom beside the textbook server: A B A B, medians, ratios from one run."""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx

from benchmarks.load import MakeRequest, Measured, measure

STOCK = 1000


def get(path: str) -> MakeRequest:
    """Return requests that read one of the stock after the other."""

    def make(count: int) -> bytes:
        number = count % STOCK + 1
        return f"GET {path.format(number)} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()

    return make


def create(prefix: str) -> MakeRequest:
    """Return requests that create secrets with values of 100 bytes."""

    def make(count: int) -> bytes:
        body = json.dumps({"name": f"{prefix}-{count}", "value": "v" * 100}).encode()
        head = (
            "POST /api/secrets HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return make


POINTS: dict[str, tuple[str, int]] = {
    "decrypt, 64 connections": ("/api/secrets/{}/decrypt", 64),
    "decrypt, 1 connection": ("/api/secrets/{}/decrypt", 1),
    "metadata, 64 connections": ("/api/secrets/{}", 64),
    "metadata, 1 connection": ("/api/secrets/{}", 1),
    "list of 100, 16 connections": ("/api/secrets?limit=100", 16),
    "create, 64 connections": ("", 64),
    "create, 1 connection": ("", 1),
}


@contextmanager
def server(kind: str, folder: Path) -> Iterator[int]:
    """Run a server with one worker and a stock of secrets."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = {
        "strongroom": ["-m", "entrypoints.cli.main", "serve", "--port", str(port)],
        "textbook": ["-m", "uvicorn", "tests.textbook.main:app", "--port", str(port),
                     "--log-level", "error"],
    }[kind]  # fmt: skip
    env = {k: v for k, v in os.environ.items() if not k.startswith("STRONGROOM_")}
    env[f"{kind.upper()}_DATA_DIR"] = str(folder)
    folder.mkdir(mode=0o700)
    with (folder.parent / f"{kind}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *line], env=env, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            _wait(client, process)
            for number in range(STOCK):
                body = {"name": f"stock-{number}", "value": "v" * 100}
                client.post("/api/secrets", json=body).raise_for_status()
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            client.get("/api/secrets")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("a server did not start")


def median(runs: list[Measured]) -> Measured:
    """Return the median of every figure; errors are summed."""
    return Measured(
        per_second=statistics.median(run.per_second for run in runs),
        p50=statistics.median(run.p50 for run in runs),
        p99=statistics.median(run.p99 for run in runs),
        errors=sum(run.errors for run in runs),
    )


async def compare(ports: dict[str, int], rounds: int, seconds: float) -> dict[str, object]:
    """Measure every point on both servers in turn."""
    report: dict[str, object] = {}
    for point, (path, connections) in POINTS.items():
        runs: dict[str, list[Measured]] = {kind: [] for kind in ports}
        for number in range(rounds):
            for kind, port in ports.items():
                make = get(path) if path else create(f"{point}-{number}")
                runs[kind].append(
                    await measure(port, make, connections=connections, seconds=seconds)
                )
        medians = {kind: median(measured) for kind, measured in runs.items()}
        ratio = medians["strongroom"].per_second / medians["textbook"].per_second
        report[point] = {kind: asdict(figures) for kind, figures in medians.items()} | {
            "ratio": ratio
        }
        _print(point, medians, ratio)
    return report


def _print(point: str, medians: dict[str, Measured], ratio: float) -> None:
    print(f"{point}: {ratio:.2f} times the textbook server")
    for kind, figures in medians.items():
        print(
            f"    {kind:10} {figures.per_second:9.0f}/s   p50 {figures.p50:7.2f} ms"
            f"   p99 {figures.p99:7.2f} ms   errors {figures.errors}"
        )


def main() -> None:
    """Run all points and print them; `--json` also writes them to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with server("strongroom", base / "a") as ours, server("textbook", base / "b") as theirs:
            ports = {"strongroom": ours, "textbook": theirs}
            report = asyncio.run(compare(ports, arguments.rounds, arguments.seconds))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
