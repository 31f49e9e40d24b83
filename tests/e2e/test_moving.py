"""Stores moved by the real command, which is killed, or whose target goes away."""

import base64
import contextlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from benchmarks.backups import name_of, seed
from tests.e2e.backups import BackupShell, moments
from tests.e2e.running import START_SECONDS, environment, refused, running
from tests.integration.backup_rooms import BackupRooms
from tests.postgresql import Server, new_server

SECRETS = int(os.environ.get("MOVED_SECRETS", "2000"))
VALUE = "v" * 64
OF_BEFORE = Path(__file__).parents[1] / "integration/stores/strongroom-0000000000000000.jsonl.gz"
"""A backup of a store whose log nobody vouched for yet."""


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'secrets.db'}"


@pytest.fixture
def shell(tmp_path: Path, sqlite: str) -> BackupShell:
    seed(tmp_path / "data", SECRETS)
    return BackupShell(tmp_path, tmp_path / "data", {"STRONGROOM_DATABASE_URL": sqlite})


def move(source: str, target: str) -> Sequence[str]:
    """Return the arguments that move a store."""
    return "migrate-store", "--from", source, "--to", target


def copied(url: str) -> int:
    """Return how many secrets a store has that is being copied."""
    with contextlib.suppress(sqlite3.Error, psycopg.Error):
        if url.startswith("sqlite"):
            path = f"file:{url.removeprefix('sqlite:///')}?mode=ro"
            with contextlib.closing(sqlite3.connect(path, uri=True)) as db:
                return int(db.execute("SELECT count(*) FROM secrets").fetchone()[0])
        with psycopg.connect(url) as connection:
            (count,) = connection.execute("SELECT count(*) FROM secrets").fetchone() or (0,)
            return int(count)
    return 0


@contextlib.contextmanager
def begun(shell: BackupShell, source: str, target: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have a move running that has copied some secrets and, where it is not slow, not all."""
    line = shell.line(*move(source, target))
    with subprocess.Popen(line, stderr=subprocess.PIPE, env=environment(shell.env)) as process:
        deadline = time.monotonic() + START_SECONDS
        while not copied(target):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        try:
            yield process
        finally:
            process.kill()


def there_and_back(sqlite: str, postgresql: str, folder: Path) -> Sequence[tuple[str, str]]:
    """Return both ways to move; the second begins where the first has ended."""
    return (sqlite, postgresql), (postgresql, f"sqlite:///{folder / 'back.db'}")


def test_a_killed_move_goes_on_and_nobody_serves_from_it_before(
    shell: BackupShell, sqlite: str, empty_database: str, tmp_path: Path
) -> None:
    ways = there_and_back(sqlite, empty_database, tmp_path)
    for number, (source, target) in enumerate(ways, start=1):
        with begun(shell, source, target) as process:
            process.kill()
        assert "migrate-store" in refused(shell.data_dir, "--database-url", target)
        there = copied(target)
        with running(shell.data_dir, "--database-url", source) as server:
            assert server.client.delete(f"/api/secrets/{number}").is_success
            body = {"name": name_of(number), "value": "new"}
            assert server.client.post("/api/secrets", json=body).is_success
        told = shell.done(*move(source, target))
        assert told["safe"]
        assert told["kept"] >= there - 1
        assert told["rows"]["secrets"] == told["values"]
        again = shell.done(*move(source, target))
        assert (again["safe"], again["copied"], again["values"]) == (True, False, told["values"])
        with running(shell.data_dir, "--database-url", target) as server:
            answer = server.client.get("/api/secrets/3/decrypt")
            assert answer.json()["value"] == VALUE
        used = shell.failed(*move(source, target))
        assert "used since" in used


@pytest.mark.parametrize(
    ("damage", "entries"),
    [
        ("UPDATE secrets SET encrypted_value = 'sr1:damaged' WHERE id = 2", ["store.move"]),
        ("UPDATE audit_tree SET mac = zeroblob(32)", []),
    ],
    ids=["a value", "the end of the log"],
)
def test_a_copy_of_a_damaged_store_says_that_it_is_one_if_it_can(
    shell: BackupShell, sqlite: str, tmp_path: Path, damage: str, entries: Sequence[str]
) -> None:
    with contextlib.closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"))) as db, db:
        db.execute(damage)
    for told in [shell.failed(*move(sqlite, f"sqlite:///{tmp_path / 'to.db'}")) for _ in range(2)]:
        assert "the copy is finished" in told
        assert ("no entry of the move" in told) is not bool(entries)
    with contextlib.closing(sqlite3.connect(tmp_path / "to.db")) as db:
        query = "SELECT action, reference FROM audit_entries WHERE action = 'store.move'"
        found = db.execute(query).fetchall()
    assert found == [(action, "from sqlite, with faults") for action in entries]


def test_a_move_whose_target_goes_away_says_so_and_goes_on(shell: BackupShell, sqlite: str) -> None:
    server = new_server()
    try:
        target = server.url(server.new_database())
        with begun(shell, sqlite, target) as process:
            server.stop(how="immediate")
            assert process.wait(START_SECONDS) == 1
            assert process.stderr is not None
            text = process.stderr.read().decode()
            assert len(text.splitlines()) == 1, text
            told = text
            assert "give the same command again" in told
        server.start()
        there = copied(target)
        moved = shell.done(*move(sqlite, target))
        assert moved["safe"]
        assert moved["kept"] >= there
    finally:
        server.remove()


@pytest.mark.skipif("KILLS" not in os.environ, reason="one of the longer looks of 'make campaign'")
def test_moves_that_are_killed_at_random_moments_end_equal(
    shell: BackupShell, sqlite: str, postgresql: Server, tmp_path: Path
) -> None:
    database = postgresql.url(postgresql.new_database())
    probe = postgresql.url(postgresql.new_database())
    seconds = shell.seconds(*move(sqlite, probe))
    before, states = (shell.data_dir / "secrets.db").read_bytes(), []
    for source, target in there_and_back(sqlite, database, tmp_path):
        for after in moments(seconds, 1):
            line = shell.line(*move(source, target))
            states.append((shell.killed(line, after), copied(target)))
        told = shell.done(*move(source, target))
        assert told["safe"]
        assert told["rows"]["secrets"] == SECRETS
        assert shell.done(*move(source, target))["safe"]
    assert (shell.data_dir / "secrets.db").read_bytes() == before
    print(f"killed, and secrets there then: {states}")


@pytest.mark.parametrize(
    ("damage", "vouched"),
    [("SELECT 1", 1), ("UPDATE audit_entries SET principal = 'other' WHERE id = 2", 0)],
    ids=["a log that verifies", "a log that does not"],
)
def test_a_move_vouches_for_the_log_of_a_store_of_before_only_if_it_verifies(
    tmp_path: Path, damage: str, vouched: int
) -> None:
    rooms = BackupRooms(tmp_path)
    (tmp_path / "backups").mkdir()
    shutil.copy(OF_BEFORE, tmp_path / "backups")
    rooms.restored(OF_BEFORE.name, "before.db")
    rooms.house.storage.close()
    before, after = tmp_path / "before.db", tmp_path / "after.db"
    with contextlib.closing(sqlite3.connect(before)) as db, db:
        db.execute(damage)
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    shell = BackupShell(
        tmp_path, tmp_path / "data", {"STRONGROOM_ROOT_KEY": "env:KNOWN", "KNOWN": key}
    )
    told = shell.run(*move(f"sqlite:///{before}", f"sqlite:///{after}"))
    assert told.returncode == 1 - vouched, told.stderr
    assert ("no server of this version has started" in told.stderr) is not bool(vouched)
    with contextlib.closing(sqlite3.connect(after)) as db:
        moves = "SELECT count(*) FROM audit_entries WHERE action = 'store.move'"
        keys = "SELECT count(*) FROM data_keys WHERE purpose = 'audit'"
        tips = "SELECT count(mac) FROM audit_tree"
        assert [db.execute(each).fetchone() for each in (moves, keys, tips)] == [(vouched,)] * 3
