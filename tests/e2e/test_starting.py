"""What stops a start: one clear line, the way back, and nothing changed."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import (
    RunningServer,
    command,
    environment,
    refused,
    running,
)
from tests.e2e.test_secrets_api import create


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a secret in it."""
    data_dir = tmp_path_factory.mktemp("made") / "data"
    with running(data_dir) as server:
        create(server.client, "n", "v")
    return data_dir


@pytest.fixture
def used(made: Path, data_dir: Path) -> Path:
    """A copy of that folder, to be spoilt."""
    stores.copy(made, data_dir)
    return data_dir


def contents(folder: Path) -> dict[str, bytes]:
    """Return what would be lost or changed; SQLite's own shared-memory file is neither."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-shm", ".lock")) and path.stat().st_size
    }


def missing(folder: Path) -> None:
    (folder / "secret.key").unlink()


def foreign(folder: Path) -> None:
    (folder / "secret.key").write_bytes(b"A" * 43 + b"=")


def cut(folder: Path) -> None:
    (folder / "secret.key").write_bytes((folder / "secret.key").read_bytes()[:20])


def emptied(folder: Path) -> None:
    (folder / "secret.key").write_bytes(b"")


def opened(folder: Path) -> None:
    (folder / "secret.key").chmod(0o640)


def linked(folder: Path) -> None:
    (folder / "secret.key").rename(folder / "elsewhere")
    (folder / "secret.key").symlink_to(folder / "elsewhere")


def fifo(folder: Path) -> None:
    (folder / "secret.key").unlink()
    os.mkfifo(folder / "secret.key", 0o600)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (missing, "is missing"),
        (foreign, "does not open this store"),
        (cut, "secret.key"),
        (emptied, "secret.key"),
        (opened, "chmod 600"),
        (linked, "secret.key"),
        (fifo, "secret.key"),
    ],
)
def test_a_key_file_that_does_not_fit_stops_the_start(
    used: Path, spoil: Callable[[Path], None], told: str
) -> None:
    spoil(used)
    before = contents(used)
    line = refused(used)
    assert told in line
    assert "secret.key" in line
    assert contents(used) == before


@pytest.mark.sqlite("a database server does not read a file that is none")
def test_a_database_that_is_none_stops_the_start(used: Path) -> None:
    (used / "secrets.db").write_bytes(b"not a database" * 1000)
    assert "secrets.db" in refused(used)


def test_a_database_of_a_newer_version_stops_the_start(used: Path) -> None:
    stores.execute(used, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in refused(used)


def test_a_foreign_table_stops_the_start(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    stores.execute(data_dir, "CREATE TABLE secrets (id INTEGER PRIMARY KEY, thing TEXT)")
    assert "not Strongroom's" in refused(data_dir)


def test_lost_data_keys_stop_the_start(used: Path) -> None:
    stores.execute(used, "DELETE FROM data_keys")
    assert "data_keys" in refused(used)


def test_a_folder_that_is_a_file_stops_the_start(data_dir: Path) -> None:
    data_dir.write_text("not a folder")
    assert "cannot be made" in refused(data_dir)


def test_a_strangers_open_folder_stops_the_start(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    (data_dir / "something").touch()
    assert "chmod 700" in refused(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["something"]


def test_a_port_in_use_stops_the_start(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "in use" in refused(data_dir, "--port", str(port))


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"STRONGROOM_TYPO": "1"}, "STRONGROOM_TYPO"),
        ({"STRONGROOM_CIPHER": "rot13"}, "aes-256-gcm"),
        ({"STRONGROOM_WORKERS": "0"}, "workers"),
        ({"STRONGROOM_AUTH": "some"}, "auth"),
        ({"STRONGROOM_HOST": "0.0.0.0"}, "loopback"),  # noqa: S104  that is the case
        ({"STRONGROOM_DATABASE_URL": "mysql://u:do-not-show@h/d"}, "database_url"),
        ({"STRONGROOM_CONFIG": "/nowhere.toml"}, "/nowhere.toml"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start(
    data_dir: Path, env: dict[str, str], told: str
) -> None:
    line = refused(data_dir, env=env)
    assert told in line
    assert "do-not-show" not in line
    assert not data_dir.exists()


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_every_spelling_of_loopback_is_listened_on_and_told(data_dir: Path, host: str) -> None:
    if host == "::1" and not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with running(data_dir, "--host", host, host=host) as server:
        assert server.client.get("/api/secrets").json() == []
        lines = [json.loads(line) for line in server.log_text.splitlines()]
    assert server.url in {line.get("address") for line in lines}


def test_two_servers_on_an_empty_folder_end_up_with_one_key(data_dir: Path) -> None:
    both = (running(data_dir), running(data_dir))
    with ThreadPoolExecutor(2) as pool, contextlib.ExitStack() as stack:
        servers = list(pool.map(stack.enter_context, both))
        numbers = [create(server.client, f"n{i}", "v") for i, server in enumerate(servers)]
        for server in servers:
            for number in numbers:
                assert server.client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "v"
    statement = "SELECT purpose, count(*) FROM data_keys GROUP BY purpose"
    keys = stores.execute(data_dir, statement)
    assert dict(keys) == {"seal": 1, "sign": 1, "token": 1, "audit": 1}


def test_a_server_with_two_workers_answers_alike_from_both(data_dir: Path) -> None:
    with running(data_dir, "--workers", "2") as server:
        number = create(server.client, "n", "v")
        for _ in range(20):
            # A new connection each time, so that both workers get some.
            answer = server.client.get(
                f"/api/secrets/{number}/decrypt", headers={"connection": "close"}
            )
            assert answer.json()["value"] == "v"


@contextlib.contextmanager
def at_hangup(what: signal.Handlers) -> Iterator[None]:
    """Have servers that are started meanwhile begin with this; under nohup they ignore it."""
    before = signal.signal(signal.SIGHUP, what)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopping_server_answers_what_it_accepted(data_dir: Path, how: signal.Signals) -> None:
    acknowledged: list[int] = []
    to_be_told = threading.Lock()
    with at_hangup(signal.SIG_DFL), running(data_dir) as server:

        def write(number: int) -> bool:
            try:
                answer = server.client.post(
                    "/api/secrets", json={"name": f"{number}", "value": "v"}
                )
            except httpx.TransportError:  # refused, because the server has stopped listening
                return False
            assert answer.status_code in {200, 503}
            if answer.is_success:
                acknowledged.append(answer.json()["id"])
            if len(acknowledged) >= 50 and to_be_told.acquire(blocking=False):
                os.kill(server.process.pid, how)
            return True

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(2000)))
        assert server.process.wait(timeout=60) == 0
    assert 50 <= len(acknowledged) < 2000
    with running(data_dir) as again:
        for number in acknowledged:
            assert again.client.get(f"/api/secrets/{number}").is_success


def test_a_server_under_nohup_outlives_its_terminal(data_dir: Path) -> None:
    with at_hangup(signal.SIG_IGN), running(data_dir) as server:
        status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
        (ignored,) = [line for line in status.splitlines() if line.startswith("SigIgn:")]
        assert int(ignored.split()[1], 16) & 1 << signal.SIGHUP - 1


def test_a_worker_that_dies_is_replaced(data_dir: Path) -> None:
    with running(data_dir) as server:
        number = create(server.client, "n", "v")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.wait_until_ready()
        assert server.client.get(f"/api/secrets/{number}/decrypt").json()["value"] == "v"
        assert worker not in server.workers()
        assert server.log_text.count("worker started") == 2
        (told,) = [line for line in server.log_text.splitlines() if "a worker died" in line]
        assert json.loads(told)["process"] == worker
        assert json.loads(told)["signal"] == "SIGKILL"


def test_workers_that_die_again_and_again_end_the_server(data_dir: Path) -> None:
    with running(data_dir) as server:
        for _ in range(6000):
            for worker in server.workers():
                os.kill(worker, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(0.01)
                break
        assert server.process.returncode == 1
        assert "worker processes died again and again" in server.log_text
        assert '"signal": "SIGKILL"' in server.log_text


def test_a_killed_server_has_kept_what_it_acknowledged(data_dir: Path) -> None:
    acknowledged: dict[int, str] = {}

    def write(server: RunningServer, name: str) -> None:
        try:
            answer = server.client.post("/api/secrets", json={"name": name, "value": name})
        except httpx.TransportError:  # the server was killed
            return
        acknowledged[answer.json()["id"]] = name
        if name.endswith("-100"):
            os.kill(server.process.pid, signal.SIGKILL)

    for round_ in range(3):
        names = [f"{round_}-{number}" for number in range(300)]
        with running(data_dir) as server, ThreadPoolExecutor(8) as pool:
            list(pool.map(partial(write, server), names))
            server.process.wait(timeout=60)
    assert len(acknowledged) > 300
    with running(data_dir) as again:
        for number, name in acknowledged.items():
            assert again.client.get(f"/api/secrets/{number}/decrypt").json()["value"] == name
    stores.assert_whole(data_dir)


def test_the_log_holds_ids_and_no_values_or_names(data_dir: Path) -> None:
    env = {"STRONGROOM_LOG_REQUESTS": "all"}
    with running(data_dir, env=env) as server:
        number = create(server.client, "the-name", "the-value")
        answer = server.client.get(f"/api/secrets/{number}/decrypt")
        server.client.get("/api/secrets/name/the-name/decrypt")
        server.client.post("/api/secrets", content=b'{"value":"the-value"')
        server.client.get("/the-value?the-value=the-value")
    lines = [json.loads(line) for line in server.log_text.splitlines()]
    assert answer.headers["x-request-id"] in {line.get("request_id") for line in lines}
    assert "the-value" not in server.log_text
    assert "the-name" not in server.log_text


def test_no_process_shows_the_key_or_may_leave_a_core_dump(data_dir: Path) -> None:
    with running(data_dir) as server:
        key = (data_dir / "secret.key").read_bytes()
        parent = Path(f"/proc/{server.process.pid}")
        children = (parent / "task" / parent.name / "children").read_text().split()
        assert children, "a worker serves"
        for process in (parent, *(parent.with_name(child) for child in children)):
            assert key not in (process / "cmdline").read_bytes()
            limits = (process / "limits").read_text()
            assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), process


@pytest.mark.sqlite("the store is on the disk of the server that becomes full")
def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow a file system of two megabytes")
    try:
        with running(folder / "data") as server:
            acknowledged = []
            for number in range(2000):
                body = {"name": f"{number}", "value": "x" * 4000}
                answer = server.client.post("/api/secrets", json=body)
                if answer.status_code != 200:
                    assert answer.status_code == 503
                    break
                acknowledged.append(answer.json()["id"])
            else:
                raise AssertionError("the disk never became full")
            assert server.client.get("/health/live").is_success
            # A reading needs its audit entry on disk, so it is refused as well, as soon as there
            # is no room for the little that this takes.
            for _ in range(200):
                answer = server.client.get(f"/api/secrets/{acknowledged[0]}/decrypt")
                if answer.status_code == 503:
                    break
            assert answer.status_code == 503
            assert server.client.get("/health/ready").status_code == 503
        subprocess.run(["mount", "-o", "remount,size=16m", str(folder)], check=True)
        with running(folder / "data") as server:
            for number in acknowledged:
                assert server.client.get(f"/api/secrets/{number}/decrypt").is_success
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_wrong_option_is_wrong_usage() -> None:
    done = subprocess.run(
        command("serve", "--unknown"), capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 2


def test_a_server_that_is_to_stop_says_so_before_it_stops(data_dir: Path) -> None:
    with running(data_dir, env={"STRONGROOM_DRAIN_SECONDS": "60"}) as server:
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while server.client.get("/health/ready").status_code == 200:
            assert time.monotonic() < deadline
        found = server.client.get("/health/ready")
        assert found.json()["checks"] == {
            **dict.fromkeys(found.json()["checks"], "ok"),
            "accepting": "failed",
        }
        created = server.client.post("/api/secrets", json={"name": "late", "value": "v"})
        assert created.status_code == 200, "what comes is still served"
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0
