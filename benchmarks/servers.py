"""The servers that are measured, each a process of its own with one worker."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

STOCK = 1000
NO_LIMIT = "1000000"
KINDS = ("strongroom", "local", "bare", "textbook", "ceiling")
GUARDED = frozenset({"strongroom", "watched"})
OURS = GUARDED | {"local"}

FOLLOWING_SECONDS = 6.0
"""Longer than it takes until all that follows the log has looked for something new."""

AT_REST = 0.05
"""The share of a processor that a server without requests does not use."""

MOST_LOOKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that runs: where, what is shown to it, which process answers, how long it took to."""

    kind: str
    port: int
    token: str | None
    worker: int
    started: float

    @property
    def headers(self) -> dict[str, str]:
        """Return what a client sends with each request."""
        return {} if self.token is None else {"authorization": f"Bearer {self.token}"}

    def cpu(self) -> float:
        """Return the processor time that the worker has used, in seconds."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Wait until the worker rests.

        What follows the audit log works for seconds after a load has ended, and would count as
        processor time of the next one, or take it from another server.
        """
        if self.kind not in OURS:
            return
        for _ in range(MOST_LOOKS):
            before = self.cpu()
            time.sleep(FOLLOWING_SECONDS)
            if self.cpu() - before < AT_REST * FOLLOWING_SECONDS:
                return

    def memory(self) -> float:
        """Return the worker's resident memory, in MB."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def running(
    kind: str,
    folder: Path,
    *,
    stock: int = STOCK,
    parts: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server with a stock of secrets.

    Args:
        kind: which one.
        folder: where its store is.
        stock: how many secrets.
        parts: what `watched` has of its watching.
        env: more of its environment.
    """
    port = _free_port()
    folder.mkdir(mode=0o700, exist_ok=True)
    out = folder.parent / f"{folder.name}.out"
    began = time.perf_counter()
    with out.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *_line(kind, port), *parts], stdout=log,
            env=_environment(kind, folder) | dict(env or {}), stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            _wait(client, process, "/health/live" if kind in OURS else "/")
            started = time.perf_counter() - began
            token = re.search(r"srt_\w+", out.read_text())
            server = Server(
                kind=kind, port=port, token=token[0] if token else None, started=started,
                worker=_worker(process.pid),
            )  # fmt: skip
            _fill(client, server, stock if kind != "ceiling" else 0)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)


def _fill(client: httpx.Client, server: Server, stock: int) -> None:
    """Create the stock, unless it is there."""
    if stock and client.get("/api/secrets/1", headers=server.headers).is_success:
        return
    for number in range(1, stock + 1):
        body = {"name": f"stock-{number}", "value": "v" * 100}
        client.post("/api/secrets", json=body, headers=server.headers).raise_for_status()


def _line(kind: str, port: int) -> list[str]:
    """Return what is run."""
    if kind == "textbook":
        return ["-m", "uvicorn", "tests.textbook.main:app", "--port", str(port),
                "--log-level", "error"]  # fmt: skip
    if kind == "ceiling":
        return ["-m", "granian", "--interface", "asgi", "--port", str(port), "--no-log",
                "benchmarks.ceiling:app"]  # fmt: skip
    if kind in {"bare", "watched"}:
        return ["-m", f"benchmarks.{kind}", str(port)]
    return ["-m", "entrypoints.cli.main", "serve", "--port", str(port)]


def _environment(kind: str, folder: Path) -> dict[str, str]:
    """Return the environment. The limits count as always, and are too high to be reached."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("STRONGROOM_")}
    env |= {
        "TEXTBOOK_DATA_DIR": str(folder),
        "STRONGROOM_DATA_DIR": str(folder),
        "STRONGROOM_AUTH": "required" if kind in GUARDED else "local",
        "STRONGROOM_RATE_LIMIT_PER_ADDRESS": NO_LIMIT,
        "STRONGROOM_RATE_LIMIT_PER_CREDENTIAL": NO_LIMIT,
    }
    return env


def _free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _worker(parent: int) -> int:
    """Return the process that answers: a child, or the process itself where there is none."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[0]) if children else parent


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]", path: str) -> None:
    """Wait for the first answer, whatever it is."""
    while process.poll() is None:
        try:
            client.get(path)
        except httpx.TransportError:
            time.sleep(0.005)
        else:
            return
    raise SystemExit("a server did not start")
