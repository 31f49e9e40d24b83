"""Backups of real stores, by the real commands and by a real server, with what goes wrong."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.e2e import stores
from tests.e2e.backups import BackupShell, moments, stocked
from tests.e2e.running import START_SECONDS, environment, running

SECRETS = 60

CAMPAIGN = pytest.mark.skipif(
    "KILLS" not in os.environ, reason="one of the longer looks of 'make campaign'"
)


@pytest.fixture
def shell(tmp_path: Path) -> BackupShell:
    stocked(tmp_path / "data", SECRETS)
    return BackupShell(tmp_path, tmp_path / "data")


def rows(folder: Path) -> int:
    """Return how many secrets there are in the store of a folder, which must be whole."""
    stores.assert_whole(folder)
    ((found,),) = stores.execute(folder, "SELECT count(*) FROM secrets")
    return int(found)


def rows_aside(folder: Path) -> int:
    """Return how many secrets there are in the store that was put aside."""
    if stores.are_in_postgresql():
        names = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^strongroom_replaced_'"
        ((schema,),) = stores.execute(folder, names)
        ((found,),) = stores.execute(folder, f"SELECT count(*) FROM {schema}.secrets")  # noqa: S608
        return int(found)
    (aside,) = folder.glob(f"{stores.FILE}.replaced-*")
    with contextlib.closing(sqlite3.connect(aside)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(db.execute("SELECT count(*) FROM secrets").fetchone()[0])


def test_a_store_is_lost_and_restored(shell: BackupShell, tmp_path: Path) -> None:
    made = shell.create()
    assert (made["outcome"], made["values"]) == ("done", SECRETS)
    (listed,) = shell.done("backup", "list")
    assert listed["name"] == made["name"]
    verify = ("backup", "verify", "latest", "--identity", str(shell.identity))
    assert shell.done(*verify)["findings"] == []
    key = shell.data_dir / "secret.key"
    kept = shutil.copy(key, tmp_path / "kept.key")
    stores.remove(shell.data_dir)
    shell.data_dir.mkdir(mode=0o700)
    shutil.copy(kept, key)
    told = shell.done(*shell.restore(shell.data_dir))
    assert (told["rows"]["secrets"], told["values"]) == (SECRETS, SECRETS)
    assert shell.done("audit", "verify")["findings"] == []
    with running(shell.data_dir) as server:
        answer = server.client.get("/api/secrets/name/n/7/decrypt")
        assert answer.json()["value"] == "x" * 200


def test_moments_are_written_alike_and_what_is_not_there_is_said_to_be(
    shell: BackupShell, tmp_path: Path
) -> None:
    shell.create()
    moments_told = set()
    for what in ("list", "status"):
        line = [one for one in shell.line("backup", what) if one != "--json"]
        env = environment(shell.env, line)
        told = subprocess.run(line, capture_output=True, text=True, env=env, check=True)
        (cell,) = re.findall(r"\t(20\d\d-[^\t]*)\t", told.stdout)
        moments_told.add(re.sub(r"\d", "0", cell))
    assert moments_told == {"0000-00-00T00:00:00Z"}
    nowhere = tmp_path / "nowhere.age"
    assert f"there is no file {nowhere}" in shell.failed("backup", "verify", str(nowhere))
    assert "no such backup" in shell.failed("backup", "verify", "strongroom-nowhere.age")


def test_a_store_is_moved_and_serves_from_the_new_place(shell: BackupShell, tmp_path: Path) -> None:
    for name in ("moved", "nowhere"):
        (tmp_path / name).mkdir()
    here, there, nowhere = (
        stores.url_of(folder)
        for folder in (shell.data_dir, tmp_path / "moved", tmp_path / "nowhere")
    )
    moved = shell.done("migrate-store", "--from", here, "--to", there)
    assert (moved["safe"], moved["rows"]["secrets"], moved["values"]) == (True, SECRETS, SECRETS)
    assert "one store" in shell.failed("migrate-store", "--from", here, "--to", here)
    assert "no store" in shell.failed("migrate-store", "--from", nowhere, "--to", there)
    with running(shell.data_dir, env={"STRONGROOM_DATABASE_URL": there}) as server:
        answer = server.client.get("/api/secrets/name/n/7/decrypt")
        assert answer.json()["value"] == "x" * 200


@CAMPAIGN
def test_a_store_is_not_overwritten_unless_asked_and_then_it_is_kept(shell: BackupShell) -> None:
    shell.create()
    assert "--replace" in shell.failed(*shell.restore(shell.data_dir))
    with running(shell.data_dir) as server:
        server.client.post("/api/secrets", json={"name": "later", "value": "v"})
        assert "stop" in shell.failed(*shell.restore(shell.data_dir, "--replace"))
    looked = shell.done(*shell.restore(shell.data_dir, "--dry-run"))
    assert "put aside" in looked["target"]
    assert rows(shell.data_dir) == SECRETS + 1
    shell.done(*shell.restore(shell.data_dir, "--replace"))
    assert rows(shell.data_dir) == SECRETS
    assert rows_aside(shell.data_dir) == SECRETS + 1


@CAMPAIGN
def test_without_the_key_of_the_store_nothing_is_written(
    shell: BackupShell, tmp_path: Path
) -> None:
    shell.create()
    new = tmp_path / "new"
    arguments = ("backup", "restore", "latest", "--identity", str(shell.identity))
    told = shell.failed(*arguments, data_dir=new)
    assert f"file:{shell.data_dir}/secret.key" in told
    assert not stores.is_there(new)


@CAMPAIGN
def test_a_backup_with_the_root_key_opens_everything_and_is_asked_for(
    shell: BackupShell, tmp_path: Path
) -> None:
    arguments = ("backup", "create", "--with-root-key")
    assert "sealed" in shell.failed(*arguments, "--unencrypted")
    shell.done(*arguments)
    new = tmp_path / "new"
    restore = ("backup", "restore", "latest", "--identity", str(shell.identity))
    told = shell.done(*restore, "--take-root-key", data_dir=new)
    assert told["values"] == SECRETS
    key = (new / "secret.key").read_bytes()
    assert key == (shell.data_dir / "secret.key").read_bytes()


def test_a_server_makes_backups_and_proves_them_while_it_serves(
    shell: BackupShell, tmp_path: Path
) -> None:
    env = shell.env | {"STRONGROOM_BACKUP_EVERY_HOURS": "1"}
    with running(shell.data_dir, env=env) as server:
        deadline = time.monotonic() + START_SECONDS
        while "backup made and proved" not in server.log_text:
            assert time.monotonic() < deadline, server.log_text
            server.client.get("/api/secrets/1/decrypt")
            time.sleep(0.05)
        found = server.client.get("/api/audit", params={"action": "backups.create"}).text
        assert '"outcome":"done"' in found
    (run,) = shell.done("backup", "status")
    assert (run["outcome"], run["scheduled"], run["values"]) == ("done", True, SECRETS)
    arguments = ("backup", "verify", "latest", "--identity", str(shell.identity))
    assert shell.done(*arguments)["findings"] == []
    assert list((shell.data_dir / "scratch").iterdir()) == []


@CAMPAIGN
def test_a_scheduled_backup_that_fails_is_told_everywhere(shell: BackupShell) -> None:
    shell.place.write_bytes(b"a file where a folder should be")
    env = shell.env | {"STRONGROOM_BACKUP_EVERY_HOURS": "1"}
    with running(shell.data_dir, env=env) as server:
        deadline = time.monotonic() + START_SECONDS
        while "the backup failed" not in server.log_text:
            assert time.monotonic() < deadline, server.log_text
            time.sleep(0.05)
        found = server.client.get("/api/audit", params={"action": "backups.create"}).text
        assert '"outcome":"failed"' in found
    (run,) = shell.done("backup", "status")
    assert run["outcome"] == "failed"
    assert "cannot be used" in run["reason"]


@CAMPAIGN
def test_a_backup_while_writers_write_is_of_one_moment(shell: BackupShell, tmp_path: Path) -> None:
    written: list[int] = []
    ended = threading.Event()
    with running(shell.data_dir) as server:

        def write(number: int) -> None:
            while not ended.is_set():
                body = {"name": f"w{number}/{len(written)}-{time.monotonic_ns()}", "value": "v"}
                assert server.client.post("/api/secrets", json=body).status_code == 200
                written.append(1)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        made = shell.create()
        during = len(written)
        ended.set()
        for writer in writers:
            writer.join()
    # The command itself restored it, opened every value, and verified the Merkle tree.
    assert made["outcome"] == "done"
    shell.done(*shell.restore(tmp_path / "new"), data_dir=tmp_path / "new")
    kept = rows(tmp_path / "new")
    assert SECRETS <= kept <= SECRETS + during
    print(f"{during} changes during the backup, {kept - SECRETS} of them in it")


def test_a_killed_backup_leaves_nothing_and_the_next_one_says_so(shell: BackupShell) -> None:
    seconds = shell.seconds("backup", "create")
    line = shell.line("backup", "create")
    killed = sum(shell.killed(line, after) for after in moments(seconds, 1))
    before = sorted(path.name for path in shell.place.iterdir())
    free_the_turn(shell.data_dir)
    newest = shell.create()["name"]
    outcomes = dict(stores.execute(shell.data_dir, "SELECT name, outcome FROM backup_runs"))
    assert "running" not in outcomes.values()
    for name in {path.name for path in shell.place.iterdir()}:
        assert not name.endswith(".part")
        # What was written whole before it could be proved is whole, and is not said to be proved.
        identity = ("--identity", str(shell.identity))
        if name != newest and outcomes[name] == "failed":
            assert shell.done("backup", "verify", name, *identity)["findings"] == []
    print(f"{killed} backups killed, {len(before)} files then, outcomes {outcomes.values()}")


def free_the_turn(data_dir: Path) -> None:
    """Let the time of whoever had the turn run out, as it does after ten minutes."""
    stores.execute(data_dir, "DELETE FROM leases WHERE task = 'backup'")


def test_a_killed_restore_leaves_the_old_store_or_the_new_one(
    shell: BackupShell, tmp_path: Path
) -> None:
    shell.create()
    new = tmp_path / "new"
    stocked(new, 3)
    shutil.copy(new / "secret.key", tmp_path / "of-new.key")
    arguments = shell.restore(new, "--replace")
    line = shell.line(*arguments, data_dir=new)
    probe = tmp_path / "probe"
    stocked(probe, 3)
    seconds = shell.seconds(*arguments, data_dir=probe)
    states = []
    for after in moments(seconds, 1):
        killed = shell.killed(line, after)
        states.append((killed, rows(new)))
    assert all(count in {3, SECRETS} for _, count in states)
    shell.done(*arguments, data_dir=new)
    assert rows(new) == SECRETS
    assert not list(new.glob(".secrets.db.filling"))
    print(f"states after the kills: {states}")


@CAMPAIGN
@pytest.mark.skipif(shutil.which("age") is None, reason="the tool 'age' is not installed")
def test_the_tool_age_and_gunzip_open_a_backup(shell: BackupShell) -> None:
    name = shell.create()["name"]
    opened = subprocess.run(
        ["age", "-d", "-i", shell.identity, shell.place / name], capture_output=True, check=True
    )
    text = subprocess.run(["gunzip"], input=opened.stdout, capture_output=True, check=True)
    first, *_, last = text.stdout.splitlines()
    assert first.startswith(b'{"strongroom backup":1,')
    assert last.startswith(b'{"end":')
