"""The audit log of a real server: read, exported, proved, handed on, and verified."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from adapters.verifying import exported_log
from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, running
from tests.e2e.test_secrets_api import create, problem

OPERATIONS = int(os.environ.get("AUDIT_OPERATIONS", "600"))
WORKERS = 2
CALLERS = 8


def run(*arguments: str, server: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    env = environment({"STRONGROOM_ADDR": server} if server else {}, arguments)
    done = subprocess.run(
        command("audit", *arguments), capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def soon(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def has_checkpoint(server: RunningServer) -> bool:
    return server.client.get("/api/audit/checkpoint").status_code == 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that signs every second, and hands its log on to files."""
    folder = tmp_path_factory.mktemp("audit")
    env = {
        "STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1",
        "STRONGROOM_AUDIT_CHECKPOINT_FILE": str(folder / "checkpoints"),
        "STRONGROOM_AUDIT_FILE": str(folder / "entries.jsonl"),
    }
    with running(folder / "data", env=env) as server:
        number = create(server.client, "audited/name", "the-value")
        server.client.get(f"/api/secrets/{number}/decrypt")
        server.client.get("/api/secrets/999/decrypt")
        soon(lambda: has_checkpoint(server))
        yield server


def test_entries_are_found_by_what_they_are_about(served: RunningServer) -> None:
    found = served.client.get("/api/audit", params={"secret": "audited/name"}).json()
    assert [entry["action"] for entry in found] == ["secrets.create", "secrets.reveal"]
    assert "the-value" not in served.client.get("/api/audit").text
    refused = served.client.get("/api/audit", params={"outcome": "refused"}).json()
    assert {entry["reason"] for entry in refused} >= {"no such secret"}
    future = {"from": "2999-01-01T00:00:00Z"}
    assert served.client.get("/api/audit", params=future).json() == []


def test_pages_follow_each_other(served: RunningServer) -> None:
    first = served.client.get("/api/audit", params={"limit": 2, "caller": "local"})
    assert [entry["number"] for entry in first.json()] == [1, 2]
    second = served.client.get(first.links["next"]["url"])
    assert [entry["number"] for entry in second.json()] == [3, 4]


@pytest.mark.parametrize(
    "query", ["action=x", "outcome=x", "uid=x", "from=now", "to=2030-01-01", "secret=%00",
              "limit=0", "secret=" + "x" * 256, "from=0001-01-01T00:00:00%2B14:00", "unknown=1"],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused(served: RunningServer, query: str) -> None:
    problem(served.client.get(f"/api/audit?{query}"), 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [("inclusion", 400), ("inclusion?number=0", 400), ("inclusion?number=999999", 404),
     ("consistency?first=1&second=999999", 400)],
)  # fmt: skip
def test_a_proof_that_cannot_be_is_refused(served: RunningServer, path: str, status: int) -> None:
    problem(served.client.get(f"/api/audit/proof/{path}"), status)


def test_the_command_line_lists_the_newest(served: RunningServer) -> None:
    rows = run("list", "--limit", "3", server=served.url).stdout.splitlines()
    assert len(rows) == 3
    only = run("list", "--secret", "audited/name", "--json", server=served.url)
    assert [entry["name"] for entry in json.loads(only.stdout)] == ["audited/name"] * 2


def test_proofs_are_checked_where_they_arrive(served: RunningServer) -> None:
    told = run("prove", "--entry", "2", server=served.url).stdout
    assert told.startswith("entry 2, with the leaf hash ")
    assert "— strongroom-" in told
    assert "is the beginning of" in run("prove", "--first", "2", server=served.url).stdout
    run("prove", "--entry", "2", "--first", "1", server=served.url, code=2)


def test_an_export_verifies_without_the_server(served: RunningServer, tmp_path: Path) -> None:
    lines, notes = tmp_path / "lines", tmp_path / "notes"
    arguments = ("export", "--output", str(lines), "--checkpoints", str(notes))
    told = run(*arguments, server=served.url).stderr
    key = told.partition("verifier key: ")[2].strip()
    offline = ("verify", str(lines), "--checkpoints", str(notes), "--key", key)
    assert "verified: " in run(*offline).stdout
    alone = subprocess.run(
        [sys.executable, "-I", exported_log.__file__, str(lines), str(notes), key],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stderr
    lines.write_text(lines.read_text().replace("audited/name", "audited/nome"))
    assert "among entries" in run(*offline, code=1).stderr
    run("verify", str(lines), code=2)
    assert run("export", server=served.url).stdout.startswith('{"tag":"sa1","number":1,')


def test_the_store_verifies_beside_the_server_that_has_it(served: RunningServer) -> None:
    outside = served.data_dir.parent / "checkpoints"
    soon(lambda: outside.exists() and outside.read_text("utf-8").endswith("\n\n"))
    arguments = ("verify", "--data-dir", str(served.data_dir), "--checkpoints", str(outside))
    told = run(*arguments).stdout
    assert "verified: " in told
    assert " checkpoints from outside" in told
    found = json.loads(run(*arguments, "--json").stdout)
    assert found["findings"] == []
    assert found["outside"] >= 1
    assert found["checkpoints"] >= 2
    cut = served.data_dir.parent / "cut"
    cut.write_text(f"{outside.read_text('utf-8')}strongroom-0\n12\n", "utf-8")
    told = run("verify", "--data-dir", str(served.data_dir), "--checkpoints", str(cut)).stderr
    assert "it may be cut off" in told


def test_a_file_gets_every_entry(served: RunningServer) -> None:
    file = served.data_dir.parent / "entries.jsonl"
    wanted = [json.dumps(e, separators=(",", ":")) for e in served.client.get("/api/audit").json()]
    soon(lambda: file.exists() and len(file.read_text().splitlines()) >= len(wanted))
    assert file.read_text().splitlines()[: len(wanted)] == wanted


def test_an_older_database_that_was_put_back_is_found(data_dir: Path, tmp_path: Path) -> None:
    outside = tmp_path / "checkpoints"
    env = {
        "STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1",
        "STRONGROOM_AUDIT_CHECKPOINT_FILE": str(outside),
    }
    with running(data_dir, env=env) as server:
        number = create(server.client, "n", "v")
    stores.copy(data_dir, tmp_path / "before")
    with running(data_dir, env=env) as server:
        assert server.client.put(f"/api/secrets/{number}", json={"value": "new"}).is_success
        size = server.client.get("/api/audit?newest=true&limit=1").json()[0]["number"]
        soon(lambda: outside.exists() and has_later(outside, size))
    put_back(tmp_path / "before", data_dir)
    told = run("verify", "--data-dir", str(data_dir), code=1).stdout
    assert "older than the entry" in told
    stores.remove(data_dir)
    stores.copy(tmp_path / "before", data_dir)
    assert "verified" in run("verify", "--data-dir", str(data_dir)).stdout
    arguments = ("verify", "--data-dir", str(data_dir), "--checkpoints", str(outside))
    assert "are gone: a checkpoint of" in run(*arguments, code=1).stdout


def has_later(outside: Path, size: int) -> bool:
    """Tell whether a checkpoint lies outside that covers so many entries."""
    notes = exported_log.split_notes(outside.read_text())
    return any(int(note.split("\n")[1]) >= size for note in notes)


def put_back(before: Path, data_dir: Path) -> None:
    """Put the one secret of a store back as it was in another one."""
    (row,) = stores.execute(before, "SELECT * FROM secrets")
    values = {f"value_{number}": value for number, value in enumerate(row)}
    marks = ", ".join(f":{name}" for name in values)
    stores.execute(data_dir, "DELETE FROM secrets")
    stores.execute(data_dir, f"INSERT INTO secrets VALUES ({marks})", **values)  # noqa: S608  only marks


def test_a_receiver_that_is_away_gets_everything_later(data_dir: Path, tmp_path: Path) -> None:
    address = tmp_path / "log"
    got: list[bytes] = []
    with running(data_dir, env={"STRONGROOM_AUDIT_SYSLOG": f"unix:{address}"}) as server:
        for number in range(20):
            create(server.client, f"{number}", "v")
        soon(lambda: "feeding the audit log on failed, will try again" in server.log_text)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.settimeout(20)
            receiver.bind(str(address))
            while len(got) < 20:
                got.append(receiver.recv(65536))
    numbers = [json.loads(message.partition(b"audit - ")[2])["number"] for message in got]
    assert numbers == list(range(1, 21))


def test_a_log_with_mixed_operations_over_several_workers_verifies(data_dir: Path) -> None:
    """Also after a kill in the middle; the campaign does 100,000."""
    env = {"STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1"}
    began = time.monotonic()
    with running(data_dir, "--workers", str(WORKERS), env=env) as server:
        done = mixed(server, OPERATIONS // 2)
        server.stop(signal.SIGKILL)
    with running(data_dir, "--workers", str(WORKERS), env=env) as server:
        done += mixed(server, OPERATIONS - OPERATIONS // 2)
        server.client.post("/api/keys/rotate").raise_for_status()
        soon(lambda: server.client.get("/api/keys").json()["rotation"]["state"] == "finished", 600)
    served = time.monotonic() - began
    began = time.monotonic()
    found = json.loads(run("verify", "--data-dir", str(data_dir), "--json").stdout)
    assert found["findings"] == []
    assert found["size"] >= done
    print(
        f"\n{done} operations by {CALLERS} callers over {WORKERS} workers in {served:.0f} s:"
        f" {found['size']} entries, {found['checkpoints']} checkpoints and {found['secrets']}"
        f" secrets verified in {time.monotonic() - began:.1f} s"
    )


def mixed(server: RunningServer, operations: int) -> int:
    """Do all sorts of things at once; return how many were answered."""
    shares = [operations // CALLERS + (n < operations % CALLERS) for n in range(CALLERS)]
    barrier = threading.Barrier(CALLERS)

    def caller(seed: int) -> int:
        chance = random.Random(seed + operations)  # noqa: S311  not for keys
        barrier.wait()
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
            return sum(one(client, chance) for _ in range(shares[seed]))

    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(pool.map(caller, range(CALLERS)))


def one(client: httpx.Client, chance: random.Random) -> bool:
    """Do one thing."""
    number = chance.randrange(1, 60)
    place = f"/api/secrets/{number}"
    kind = chance.randrange(20)
    if kind < 3:
        answer = client.post("/api/secrets", json={"name": f"{chance.random()}", "value": "v"})
    elif kind < 6:
        answer = client.put(place, json={"value": f"{chance.random()}"})
    elif kind < 7:
        answer = client.put(place, json={"description": f"{chance.random()}"})
    elif kind < 8:
        answer = client.delete(place, params={"purge": "true"} if chance.random() < 0.2 else {})
    elif kind < 9:
        answer = client.post(f"{place}/restore")
    elif kind < 10:
        answer = client.delete(f"{place}/versions/1")
    elif kind < 11:
        answer = client.post(f"{place}/versions/1/restore")
    else:
        answer = client.get(f"{place}/decrypt")
    assert answer.status_code in {200, 400, 404, 412}, answer.text
    return True


@pytest.mark.sqlite("the log is on the disk of the server that becomes full")
def test_reads_are_refused_while_the_log_has_no_room_and_answered_again_afterwards(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow a file system of four megabytes")
    try:
        with running(folder) as server:
            number = create(server.client, "n", "the-value")
            read = f"/api/secrets/{number}/decrypt"
            fill(folder / "filler")
            answered = refusals = 0
            while refusals < 20:
                answer = server.client.get(read)
                answered += answer.status_code == 200
                refusals += answer.status_code == 503
                if answer.status_code == 503:
                    assert "the-value" not in answer.text
                assert answer.status_code in {200, 503}
            (folder / "filler").unlink()
            soon(lambda: server.client.get(read).json().get("value") == "the-value")
            found = server.client.get("/api/audit?action=secrets.reveal&limit=1000").json()
            assert len(found) == answered + 1
            print(f"\n{answered} answered before the disk was full, {refusals} refused")
        run("verify", "--data-dir", str(folder))
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(file: Path) -> None:
    """Take all the room that there is."""
    with file.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(4096))
