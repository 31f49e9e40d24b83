"""Growth, a mix at a fixed rate, and a crowd of connections that do nothing."""

import argparse
import asyncio
import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.asking import create, get
from benchmarks.load import Measured, measure
from benchmarks.paced import Part, mix
from benchmarks.servers import STOCK, running
from domain.ports.secret_repository import NewSecret
from domain.ports.storage import Session
from entrypoints.container import Container
from entrypoints.preparation import prepare
from entrypoints.settings import Settings

Report = dict[str, dict[str, float]]

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


def growth(folder: Path, sizes: list[int], seconds: float) -> Report:
    """Measure the same three questions on stores of several sizes, one connection each."""
    report: Report = {}
    for size in sizes:
        seed(folder / f"{size}", size)
        questions = {
            "reveal by name": "/api/secrets/name/stock-{}/decrypt",
            "a list with a prefix": "/api/secrets?limit=20&prefix=stock-{}",
            "a page behind a cursor": f"/api/secrets?limit=20&after={size // 2}",
        }
        with running("local", folder / f"{size}", stock=0) as server:
            for what, path in questions.items():
                ask = measure(server.port, get(path, stock=size), connections=1, seconds=seconds)
                report[f"{what}, {size} secrets"] = asdict(asyncio.run(ask))
    return report


def published_mix(folder: Path, seconds: float) -> Report:
    """Measure 90 % reads and 10 % writes of 100 bytes at 500 a second, with token and audit."""
    with running("strongroom", folder / "mix") as server:
        shown = "".join(f"{name}: {text}\r\n" for name, text in server.headers.items())
        reads, writes = asyncio.run(
            mix(
                server.port,
                get("/api/secrets/{}/decrypt", shown),
                Part(create("mix", shown), 10),
                rate=RATE,
                connections=64,
                seconds=seconds,
            )
        )
    return {"reads in the mix": asdict(reads), "writes in the mix": asdict(writes)}


@contextlib.contextmanager
def crowd(port: int, idle: int) -> Iterator[None]:
    """Hold connections that say nothing, and some that say a request very slowly."""
    with contextlib.ExitStack() as stack:
        for number in range(idle + SLOW):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            if number >= idle:
                one.sendall(b"GET /health/live HT")
        yield


def crowded(folder: Path, idle: int, seconds: float) -> Report:
    """Measure reveals alone, and beside a crowd."""
    with running("strongroom", folder / "crowd") as server:
        shown = "".join(f"{name}: {text}\r\n" for name, text in server.headers.items())

        def reveal() -> Measured:
            make = get("/api/secrets/{}/decrypt", shown, STOCK)
            return asyncio.run(measure(server.port, make, connections=64, seconds=seconds))

        alone = reveal()
        with crowd(server.port, idle):
            beside = reveal()
    return {"reveals alone": asdict(alone), f"reveals beside {idle} idle": asdict(beside)}


def main() -> None:
    """Run them and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = published_mix(folder, arguments.seconds)
        report |= crowded(folder, arguments.idle, arguments.seconds)
        report |= growth(folder, arguments.sizes, arguments.seconds)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
