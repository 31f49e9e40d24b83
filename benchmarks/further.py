"""Growth, a mix at a fixed rate, and a crowd of connections that do nothing."""

import argparse
import asyncio
import contextlib
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import load, run
from benchmarks.asking import create, get
from benchmarks.load import Measured
from benchmarks.paced import Part, mix
from benchmarks.servers import Server, running
from domain.ports.secret_repository import NewSecret
from domain.ports.storage import Session
from entrypoints.container import Container
from entrypoints.preparation import prepare
from entrypoints.settings import Settings

Report = dict[str, list[Measured]]
"""What was found in each round."""

QUESTIONS = {
    "reveal by name": "/api/secrets/name/stock-{at}/decrypt",
    "a list with a prefix": "/api/secrets?limit=20&prefix=stock-{at}",
    "a page behind a cursor": "/api/secrets?limit=20&after={middle}",
}

BATCH = 2000
RATE = 500
SLOW = 200


def seed(folder: Path, count: int) -> None:
    """Put secrets into a store past the API, as many as it would take hours to create."""
    folder.mkdir(mode=0o700)
    container = Container(settings=Settings(data_dir=folder))
    prepare(container)
    # The preparation ends with closing the container's own.
    storage, sealer, randomness = (
        container.store().open(), container.sealer(), container.randomness()
    )  # fmt: skip
    now = container.clock().now()
    key = storage.read(lambda session: session.data_keys.active()).result()
    assert key is not None  # noqa: S101  the preparation made one

    def some(numbers: range, session: Session) -> None:
        for number in numbers:
            uid = randomness.token(16)
            sealed = sealer.seal_under(key.id, b"v" * 100, cipher="fernet", uid=uid, version=1)
            session.secrets.add(
                NewSecret(
                    uid=uid, name=f"stock-{number}", description=None, tags={},
                    created_at=now, expires_at=None, sealed=sealed,
                )
            )  # fmt: skip

    for start in range(1, count + 1, BATCH):
        storage.write(partial(some, range(start, min(start + BATCH, count + 1)))).result()
    storage.close()


def growth(folder: Path, sizes: list[int], rounds: int, seconds: float) -> Report:
    """Ask the same three questions of stores of several sizes, in turn, one connection each."""
    report: Report = defaultdict(list)
    with contextlib.ExitStack() as stack:
        servers: dict[int, Server] = {}
        for size in sizes:
            at = folder / f"{size}"
            seed(at, size)
            servers[size] = stack.enter_context(running("local", at, stock=0))
        for _ in range(rounds):
            for what, path in QUESTIONS.items():
                for size, server in servers.items():
                    make = get(path.format(at="{}", middle=size // 2), stock=size)
                    found = load.measure(server.port, make, connections=1, seconds=seconds)
                    report[f"{what}, {size} secrets"].append(asyncio.run(found))
                    server.settle()
    return report


def published_mix(folder: Path, rounds: int, seconds: float) -> Report:
    """Measure 90 % reads and 10 % writes of 100 bytes at 500 a second, with token and audit."""
    report: Report = defaultdict(list)
    with running("strongroom", folder / "mix") as server:
        shown = "".join(f"{name}: {text}\r\n" for name, text in server.headers.items())
        for number in range(rounds):
            often = get("/api/secrets/{}/decrypt", shown)
            seldom = Part(create(f"mix-{number}", shown), 10)
            found = mix(server.port, often, seldom, rate=RATE, connections=64, seconds=seconds)
            reads, writes = asyncio.run(found)
            report["reads in the mix"].append(reads)
            report["writes in the mix"].append(writes)
            server.settle()
    return report


@contextlib.contextmanager
def crowd(port: int, idle: int) -> Iterator[None]:
    """Hold connections that say nothing, and some that say a request very slowly."""
    with contextlib.ExitStack() as stack:
        for number in range(idle + SLOW):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            if number >= idle:
                one.sendall(b"GET /health/live HT")
        yield


def crowded(folder: Path, idle: int, rounds: int, seconds: float) -> Report:
    """Measure reveals alone and beside a crowd, in turn."""
    report: Report = defaultdict(list)
    with running("strongroom", folder / "crowd") as server:
        for number in range(rounds):
            alone = run.measure(server, run.Point("reveal", 64), seconds, 2 * number)
            server.settle()
            with crowd(server.port, idle):
                beside = run.measure(server, run.Point("reveal", 64), seconds, 2 * number + 1)
            server.settle()
            report["reveals alone"].append(alone)
            report[f"reveals beside {idle} idle"].append(beside)
    return report


def _print(report: Report) -> None:
    """Print the figures of all rounds."""
    for what, runs in report.items():
        shown = {
            "a second": [f"{one.per_second:.0f}" for one in runs],
            "p50": [f"{one.p50:.2f}" for one in runs],
            "p99": [f"{one.p99:.1f}" for one in runs],
        }
        figures = "".join(f"  {name} {' / '.join(texts)}" for name, texts in shown.items())
        print(f"{what:40}{figures}  errors {sum(one.errors for one in runs)}", flush=True)


def main() -> None:
    """Run them and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    rounds, seconds = arguments.rounds, arguments.seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _print(published_mix(folder, rounds, seconds))
        _print(crowded(folder, arguments.idle, rounds, seconds))
        _print(growth(folder, arguments.sizes, rounds, seconds))


if __name__ == "__main__":
    main()
