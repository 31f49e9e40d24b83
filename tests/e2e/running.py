"""Starting and ending real servers."""

import contextlib
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.e2e import stores

START_SECONDS = 180
"""A bound that only a server that hangs reaches, so that a test run ends."""

CHECKOUT = (sys.executable, "-m", "entrypoints.cli.main")
"""This checkout's `strongroom`."""


@dataclass
class RunningServer:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    log: Path
    host: str = "127.0.0.1"
    trust: ssl.SSLContext | None = None
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        verify = self.trust or True
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False, verify=verify)

    @property
    def url(self) -> str:
        """Return the address of the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.trust else 'http'}://{host}:{self.port}"

    def workers(self) -> set[int]:
        """Return the processes that answer; none once the server has ended."""
        main = self.process.pid
        try:
            children = Path(f"/proc/{main}/task/{main}/children").read_text("ascii")
        except FileNotFoundError:
            return set()
        return {int(child) for child in children.split()}

    @property
    def log_text(self) -> str:
        """Return everything that the server has written."""
        return self.log.read_text("utf-8")

    def wait_until_ready(self) -> None:
        """Ask until the server answers, or has ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended at its start:\n{self.log_text}")
            with contextlib.suppress(httpx.TransportError):
                if self.client.get("/health/ready").status_code == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server does not answer:\n{self.log_text}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=START_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on.

    It is drawn below those that Linux hands out by itself: one of those may be the near end of a
    connection that another test process has opened by the time the server wants it.
    """
    while True:
        port = random.randrange(20_000, 32_768)  # noqa: S311  any will do
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def command(*arguments: str, program: Sequence[str] = CHECKOUT) -> list[str]:
    """Return a command line of `strongroom`."""
    return [*program, *arguments]


def environment(extra: Mapping[str, str] | None = None, line: Sequence[str] = ()) -> dict[str, str]:
    """Return this process's environment without settings of Strongroom but those that are given.

    And where the store is that belongs to the data folder of a command line.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STRONGROOM_")}
    given = dict(extra or {})
    store = {} if "STRONGROOM_DATABASE_URL" in given else stores.settings_of(line)
    return kept | dict(store) | given


@contextlib.contextmanager
def running(
    data_dir: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
    program: Sequence[str] = CHECKOUT,
    trust: ssl.SSLContext | None = None,
) -> Iterator[RunningServer]:
    """Run a server on a data folder until the block ends; with `trust`, one that speaks https."""
    port = free_port()
    log = data_dir.parent / f"{data_dir.name}.{port}.log"
    flags = ("--port", str(port), "--data-dir", str(data_dir))
    line = command("serve", *flags, *arguments, program=program)
    with log.open("wb") as output:
        process = subprocess.Popen(line, stdout=output, stderr=output, env=environment(env, line))
    server = RunningServer(process, port, data_dir, log, host, trust)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def refused(
    data_dir: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = CHECKOUT,
) -> str:
    """Start a server that must refuse to start, and return the one line that it gives."""
    flags = ("--port", str(free_port()), "--data-dir", str(data_dir))
    line = command("serve", *flags, *arguments, program=program)
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env=environment(env, line),
        check=False,
    )
    assert done.returncode == 1, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]
