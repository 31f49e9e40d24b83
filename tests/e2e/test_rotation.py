"""Rotations on real servers: under load, killed at random moments, asked for twice at once."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapters.signing.note import verify
from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, refused, running
from tests.e2e.test_secrets_api import create, problem

KILLS = int(os.environ.get("KILLS", "4"))
"""How often a server is killed; a campaign kills more often."""

GIVE_UP_SECONDS = 120
"""A bound that only a rotation that hangs reaches, so that a test run ends."""

VALUES = 600
FAST = {"STRONGROOM_ROTATION_SHARE": "1"}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with many secrets, a third of them in their second version."""
    data_dir = tmp_path_factory.mktemp("stocked") / "data"
    with running(data_dir) as server, ThreadPoolExecutor(8) as pool:

        def fill(number: int) -> None:
            created = create(server.client, f"n{number}", f"first-{number}")
            if number % 3 == 0:
                server.client.put(f"/api/secrets/{created}", json={"value": f"second-{number}"})

        list(pool.map(fill, range(VALUES)))
    return data_dir


@pytest.fixture
def used(stocked: Path, data_dir: Path) -> Path:
    """A copy of that folder."""
    stores.copy(stocked, data_dir)
    return data_dir


def cli(server: RunningServer, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command against a server."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=120, check=False,
        env=environment({"STRONGROOM_ADDR": server.url}),
    )  # fmt: skip


def at_store(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command at a store."""
    line = command("keys", *arguments, "--data-dir", str(data_dir), "--json")
    return subprocess.run(
        line, capture_output=True, text=True, timeout=120, check=False, env=environment(line=line)
    )


def keys_of(server: RunningServer) -> dict[str, Any]:
    found: dict[str, Any] = server.client.get("/api/keys").json()
    return found


def ended(server: RunningServer) -> dict[str, Any]:
    """Wait until a rotation has begun and ended, as far as that is to be hoped for."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        rotation = keys_of(server)["rotation"]
        if rotation is not None and rotation["state"] == "finished":
            return dict(rotation)
        time.sleep(0.05)
    raise AssertionError(f"the rotation does not end:\n{server.log_text}")


def assert_everything_opens(server: RunningServer) -> None:
    """Open every value, newest and earlier, and compare."""
    for start in range(0, VALUES, 100):
        names = [f"n{number}" for number in range(start, start + 100)]
        answer = server.client.post("/api/secrets/decrypt", json={"secrets": names}).json()
        for number, item in enumerate(answer["results"], start):
            assert item["status"] == 200, item
            kind = "second" if number % 3 == 0 else "first"
            assert item["secret"]["value"] == f"{kind}-{number}"
    for number in range(0, VALUES, 30):
        early = server.client.get(f"/api/secrets/name/n{number}/decrypt?version=1").json()
        assert early["value"] == f"first-{number}"


def test_a_rotation_ends_with_a_receipt_and_the_old_key_goes(used: Path) -> None:
    with running(used, env=FAST) as server:
        rotated = cli(server, "keys", "rotate", "--wait")
        assert rotated.returncode == 0, rotated.stderr
        keys = keys_of(server)
        text = verify(rotated.stdout, keys["verifier"])
        assert f"values re-sealed: {VALUES + VALUES // 3}\n" in text
        assert "values left under the old keys: 0\n" in text
        assert cli(server, "keys", "receipt").stdout == rotated.stdout
        (old,) = keys["rotation"]["old_keys"]
        (active,) = (key["id"] for key in keys["keys"] if key["values"])
        problem(server.client.delete(f"/api/keys/{active}"), 400)
        assert cli(server, "keys", "destroy", active, "--yes").returncode == 1
        assert cli(server, "keys", "destroy", old).returncode == 1, "nobody confirmed"
        assert cli(server, "keys", "destroy", old, "--yes").returncode == 0
        assert_everything_opens(server)
    with running(used) as again:
        assert_everything_opens(again)


def test_no_request_fails_while_keys_rotate(used: Path) -> None:
    failed: list[httpx.Response] = []
    done = threading.Event()

    def call(worker: int) -> int:
        count = 0
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
            while not done.is_set():
                number = random.randrange(1, VALUES + 1)  # noqa: S311  any will do
                calls = [client.get(f"/api/secrets/{number}/decrypt")]
                if count % 5 == 0:
                    body = {"name": f"load/{worker}/{count}", "value": "v"}
                    calls.append(client.post("/api/secrets", json=body))
                failed.extend(answer for answer in calls if answer.status_code != 200)
                count += len(calls)
        return count

    with running(used, "--workers", "2") as server, ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call, worker) for worker in range(4)]
        for _ in range(2):
            assert server.client.post("/api/keys/rotate-root").status_code == 200
            assert server.client.post("/api/keys/rotate").status_code == 200
            rotation = ended(server)
        done.set()
        assert sum(caller.result() for caller in callers) > 100
        assert failed == []
        keys = keys_of(server)
        assert {k["id"]: k["values"] for k in keys["keys"]}[rotation["old_keys"][0]] == 0
        assert_everything_opens(server)


@contextlib.contextmanager
def hammered(server: RunningServer) -> Iterator[None]:
    """Ask for rotations of both kinds again and again, until the server is gone."""

    def ask() -> None:
        with contextlib.suppress(httpx.TransportError):
            while True:
                for path in ("/api/keys/rotate", "/api/keys/rotate-root"):
                    client.post(path)

    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        thread = threading.Thread(target=ask)
        thread.start()
        yield
        thread.join()


def kill(server: RunningServer) -> None:
    """Kill the server and its workers at once, without a chance to clean up."""
    for pid in (server.process.pid, *server.workers()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.process.wait(timeout=60)


def test_killed_at_random_moments_every_value_still_opens(used: Path) -> None:
    chance = random.Random(None if "KILLS" in os.environ else 0)  # noqa: S311  any moment will do
    for _ in range(KILLS):
        with running(used, env=FAST) as server, hammered(server):
            # Not a wait for something: the moment is to be any.
            time.sleep(chance.uniform(0, 0.7))
            kill(server)
    with running(used, env=FAST) as server:
        server.client.post("/api/keys/rotate")
        rotation = ended(server)
        assert rotation["unreadable"] == 0
        assert_everything_opens(server)
        counts = {key["id"]: key["values"] for key in keys_of(server)["keys"]}
        assert [counts[old] for old in rotation["old_keys"]] == [0] * len(rotation["old_keys"])
        assert server.client.get("/health/ready").status_code == 200
        print(
            f"killed {KILLS} times in {rotation['id']} data-key and"
            f" {keys_of(server)['root_key']['generation'] - 1} root-key rotations;"
            f" {VALUES + VALUES // 3} values acknowledged, all of them found again"
        )
    stores.assert_whole(used)


def test_two_rotations_asked_for_at_once_on_two_processes_end_as_one(used: Path) -> None:
    with running(used) as one, running(used) as two, ThreadPoolExecutor(2) as pool:

        def rotate(server: RunningServer) -> int:
            answer = server.client.post("/api/keys/rotate")
            assert answer.status_code == 200, answer.text
            return int(answer.json()["id"])

        assert set(pool.map(rotate, (one, two))) == {1}
        assert ended(one)["resealed"] == VALUES + VALUES // 3
        assert keys_of(two)["rotation"]["state"] == "finished"
        for server in (one, two):
            assert_everything_opens(server)


def test_two_root_rotations_at_once_on_two_processes_leave_one_key(used: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: at_store(used, "rotate-root"), range(2)))
    generations = [msgspec.json.decode(done.stdout)["generation"] for done in both]
    # Asked for at once they end as one; one that was asked for after the other has ended is
    # a rotation of its own.
    assert sorted(generations) in ([2, 2], [2, 3])
    # A successor that the loser proposed may lie there; it is the next rotation's to use.
    with running(used) as server:
        assert keys_of(server)["root_key"]["generation"] == max(generations)
        assert_everything_opens(server)


def test_the_root_key_moves_while_a_server_serves(used: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    with running(used) as server:
        moved = at_store(used, "rotate-root", "--to", f"file:{elsewhere}")
        assert moved.returncode == 0, moved.stderr
        assert_everything_opens(server)
        create(server.client, "after-the-move", "v")
        # It would wrap a new key under a root key that is no longer the one.
        problem(server.client.post("/api/keys/rotate"), 500)
        assert server.client.get("/health/ready").json()["checks"]["root_key"] == "failed"
    line = refused(used)
    assert "does not open this store" in line
    assert str(elsewhere) in line
    with running(used, env={"STRONGROOM_ROOT_KEY": f"file:{elsewhere}"}) as server:
        assert_everything_opens(server)
        assert server.client.post("/api/keys/rotate").status_code == 200


def test_a_crash_between_exchange_and_adoption_is_mended_at_the_start(used: Path) -> None:
    before = (used / "secret.key").read_bytes()
    assert at_store(used, "rotate-root").returncode == 0
    # As it lay there before the last step.
    (used / "secret.key").rename(used / "secret.key.next")
    (used / "secret.key").write_bytes(before)
    (used / "secret.key").chmod(0o600)
    with running(used) as server:
        assert_everything_opens(server)
    assert (used / "secret.key").read_bytes() != before
    assert not (used / "secret.key.next").exists()


def test_the_old_root_key_is_of_no_use_afterwards(used: Path) -> None:
    before = (used / "secret.key").read_bytes()
    assert at_store(used, "rotate-root").returncode == 0
    (used / "secret.key").write_bytes(before)
    assert "does not open this store" in refused(used)


def test_a_schedule_rotates_what_is_overdue(used: Path) -> None:
    stores.execute(
        used,
        "UPDATE data_keys SET created_at = '2020-01-01 00:00:00.000000'",
        "UPDATE root_keys SET since = '2020-01-01 00:00:00.000000'",
    )
    env = {"STRONGROOM_ROTATE_DATA_KEY_DAYS": "90", "STRONGROOM_ROTATE_ROOT_KEY_DAYS": "365"}
    with running(used, env=env) as server:
        assert ended(server)["started_by"] == "schedule"
        assert keys_of(server)["root_key"]["generation"] == 2
        assert_everything_opens(server)
        assert "the root key was replaced" in server.log_text


def test_progress_is_a_metric(used: Path) -> None:
    with running(used, env=FAST) as server:
        server.client.post("/api/keys/rotate")
        ended(server)
        lines = server.client.get("/metrics").text.splitlines()
    moved = f"{VALUES + VALUES // 3}.0"
    assert f"strongroom_rotation_resealed_values {moved}" in lines
    assert "strongroom_rotation_running 0.0" in lines
    assert 'strongroom_data_keys{purpose="seal",state="retired"} 1.0' in lines
