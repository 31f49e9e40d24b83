"""Several servers on one database, some of which die, and a database that goes away."""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, running
from tests.postgresql import Server, new_server

KILLS = int(os.environ.get("REPLICA_KILLS", "2"))
"""How often one of two servers is killed; a campaign kills more often."""

RESTARTS = int(os.environ.get("DATABASE_RESTARTS", "1"))
"""How often the database is restarted, each time in another way."""

CALLERS = 4
BOUND = 60.0
"""What takes longer is a defect, in seconds."""


@dataclass
class Load:
    """Callers of one server who create and read, and remember what they were told."""

    base_url: str
    acknowledged: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    unavailable: int = 0
    cut: int = 0

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(CALLERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(BOUND)

    def goes_on(self, more: int) -> None:
        """Wait until more creations were acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) > wanted)

    def is_refused(self) -> None:
        """Wait until a request was answered with 503."""
        until(lambda: self.unavailable > 0)

    def _call(self, caller: int) -> None:
        with httpx.Client(base_url=self.base_url, timeout=BOUND, trust_env=False) as client:
            number = 0
            while not self._end.is_set():
                number += 1
                name = f"{self.base_url[-5:]}/{caller}/{id(self)}/{number}"
                try:
                    self._one(client, name)
                except httpx.TransportError:
                    self.cut += 1
                    self._end.wait(0.05)

    def _one(self, client: httpx.Client, name: str) -> None:
        created = client.post("/api/secrets", json={"name": name, "value": name})
        if created.status_code == 503:
            self.unavailable += 1
            self._end.wait(0.02)
            return
        if created.status_code != 200:
            self.failures.append(f"{created.status_code} {created.text}")
            return
        number = created.json()["id"]
        self.acknowledged[number] = name
        read = client.get(f"/api/secrets/{number}/decrypt")
        if read.status_code == 503:
            self.unavailable += 1
        elif read.status_code != 200 or read.json()["value"] != name:
            self.failures.append(f"{read.status_code} {read.text}")


def until(holds: Callable[[], bool], seconds: float = BOUND) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "what was waited for does not come"
        time.sleep(0.02)


def missing(server: RunningServer, acknowledged: dict[int, str]) -> list[str]:
    """Return what was acknowledged and is not there."""
    wanted = list(acknowledged.values())
    lost = []
    for start in range(0, len(wanted), 100):
        names = wanted[start : start + 100]
        answer = server.client.post("/api/secrets/decrypt", json={"secrets": names}).json()
        for name, item in zip(names, answer["results"], strict=True):
            if item["status"] != 200 or item["secret"]["value"] != name:
                lost.append(name)
    return lost


def verified(data_dir: Path, env: Mapping[str, str] | None = None) -> int:
    """Verify the audit log, and return how many entries it has."""
    line = command("audit", "verify", "--data-dir", str(data_dir), "--json")
    done = subprocess.run(
        line, capture_output=True, text=True, env=environment(env, line), check=False
    )
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert found["findings"] == []
    return int(found["size"])


@contextlib.contextmanager
def replica(data_dir: Path, number: int, **env: str) -> Iterator[RunningServer]:
    """Run a server with a folder of its own, on the database and the root key of the first."""
    folder = data_dir.parent / f"replica-{number}"
    settings = {
        "STRONGROOM_DATABASE_URL": stores.url_of(data_dir),
        "STRONGROOM_ROOT_KEY": f"file:{data_dir / 'secret.key'}",
        "STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1",
        **env,
    }
    with running(folder, env=settings) as server:
        yield server


@pytest.fixture
def living(data_dir: Path) -> Iterator[RunningServer]:
    """A server that is not killed."""
    data_dir.mkdir(mode=0o700)
    with replica(data_dir, 0) as server:
        yield server


def test_no_acknowledged_change_is_lost_when_one_of_two_servers_is_killed(
    living: RunningServer, data_dir: Path
) -> None:
    chance = random.Random(7)  # noqa: S311  not for keys
    acknowledged: dict[int, str] = {}
    cut = 0
    with Load(living.url) as steady:
        for kill in range(1, KILLS + 1):
            with replica(data_dir, kill) as dying, Load(dying.url) as load:
                load.goes_on(10)
                time.sleep(chance.random())
                dying.stop(signal.SIGKILL)
            acknowledged |= load.acknowledged
            cut += load.cut
            assert load.failures == []
        before = checkpoint(living)
        until(lambda: checkpoint(living) != before)
    assert steady.failures == []
    assert (steady.unavailable, steady.cut) == (0, 0), "a request to the living server failed"
    acknowledged |= steady.acknowledged
    assert missing(living, acknowledged) == []
    entries = verified(data_dir)
    print(
        f"\n{KILLS} kills: {len(acknowledged)} creations acknowledged by both servers, all found;"
        f" {2 * len(steady.acknowledged)} requests to the living one, none failed; {cut} requests"
        f" to the dying one cut off; {entries} entries verified"
    )
    assert entries >= 2 * len(steady.acknowledged)


@pytest.mark.skipif("REPLICA_KILLS" not in os.environ, reason="takes a minute; the campaign does")
def test_a_rotation_of_a_server_that_is_killed_is_ended_by_another(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    with replica(data_dir, 0, STRONGROOM_ROTATION_SHARE="0.001") as dying:
        for number in range(300):
            _ok(dying.client.post("/api/secrets", json={"name": f"{number}", "value": "v"}))
        _ok(dying.client.post("/api/keys/rotate"))
        until(lambda: dying.client.get("/api/keys").json()["rotation"]["resealed"] > 0)
        with replica(data_dir, 1, STRONGROOM_ROTATION_SHARE="1") as other:
            before = other.client.get("/api/keys").json()["rotation"]
            dying.stop(signal.SIGKILL)
            began = time.monotonic()
            until(lambda: other.client.get("/api/keys").json()["rotation"]["state"] == "finished")
            ended = other.client.get("/api/keys").json()["rotation"]
            assert before["state"] == "running"
            assert ended["resealed"] == 300
            print(
                f"\na rotation that stood at {before['resealed']} of 300 was ended by another"
                f" server {time.monotonic() - began:.0f} s after the first was killed"
            )


def checkpoint(server: RunningServer) -> str:
    """Return the newest checkpoint, which the log outgrows under load."""
    return server.client.get("/api/audit/checkpoint").text


@pytest.fixture
def own_database() -> Iterator[Server]:
    """A database server that this test may stop, with everything on disk."""
    database = new_server(())
    yield database
    database.remove()


@pytest.fixture
def on_it(own_database: Server) -> Mapping[str, str]:
    """The setting of a store there."""
    return {"STRONGROOM_DATABASE_URL": own_database.url()}


def test_a_database_that_is_restarted_is_used_again(
    own_database: Server, on_it: Mapping[str, str], data_dir: Path
) -> None:
    acknowledged: dict[int, str] = {}
    unavailable = 0
    with running(data_dir, env=on_it) as server:
        for number in range(RESTARTS):
            with Load(server.url) as load:
                load.goes_on(10)
                own_database.stop(how=("immediate", "fast")[number % 2])
                until(lambda: server.client.get("/health/ready").status_code == 503)
                assert server.client.get("/health/live").status_code == 200
                load.is_refused()
                own_database.start()
                until(lambda: server.client.get("/health/ready").status_code == 200)
                load.goes_on(10)
            assert load.failures == []
            assert load.cut == 0
            acknowledged |= load.acknowledged
            unavailable += load.unavailable
        assert missing(server, acknowledged) == []
        entries = verified(data_dir, on_it)
    print(
        f"\n{RESTARTS} restarts of the database: {len(acknowledged)} creations acknowledged, all"
        f" found; {unavailable} requests answered with 503; {entries} entries verified"
    )


def test_connections_that_are_cut_under_load_fail_no_request(
    own_database: Server, on_it: Mapping[str, str], data_dir: Path
) -> None:
    cuts = 0
    with running(data_dir, env=on_it) as server:
        with Load(server.url) as load:
            load.goes_on(10)
            for _ in range(10 * RESTARTS):
                cuts += len(own_database.execute(CUT))
                time.sleep(0.05)
        assert load.failures == []
        assert missing(server, load.acknowledged) == []
        entries = verified(data_dir, on_it)
    print(
        f"\n{cuts} connections cut: {len(load.acknowledged)} creations acknowledged, all found;"
        f" {load.unavailable} requests answered with 503; {entries} entries verified"
    )


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'strongroom' AND pid <> pg_backend_pid()"
)


def test_what_may_be_done_changes_on_all_servers_at_once(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    required = {"STRONGROOM_AUTH": "required"}
    with (
        replica(data_dir, 0, **required) as one,
        replica(data_dir, 1, **required) as other,
    ):
        admin = _first_token(one)
        for server in (one, other):
            server.client.headers["authorization"] = f"Bearer {admin}"
        for number in range(5):
            name, name_of_role = f"service-{number}", f"role-{number}"
            grants = [{"effect": "allow", "actions": ["secrets.create"], "names": ["app/**"]}]
            _ok(one.client.post("/api/roles", json={"name": name_of_role, "grants": grants}))
            body = {"name": name, "kind": "service", "roles": [name_of_role]}
            _ok(one.client.post("/api/principals", json=body))
            made = _ok(other.client.post("/api/tokens", json={"principal": name}))
            bearer = {"authorization": f"Bearer {made['token']}"}
            for server in (one, other):
                secret = {"name": f"app/{number}-{server.port}", "value": "v"}
                created = server.client.post("/api/secrets", json=secret, headers=bearer)
                assert created.status_code == 200, created.text
            grants[0]["actions"] = ["secrets.read"]
            _ok(other.client.put(f"/api/roles/{name_of_role}", json={"grants": grants}))
            for server in (one, other):
                secret = {"name": f"app/{number}-{server.port}-2", "value": "v"}
                created = server.client.post("/api/secrets", json=secret, headers=bearer)
                assert created.status_code == 403, created.text
            _ok(one.client.delete(f"/api/tokens/{made['id']}"))
            for server in (one, other):
                assert server.client.get("/api/whoami", headers=bearer).status_code == 401


def test_a_key_that_is_rotated_on_one_server_serves_all(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    with replica(data_dir, 0) as one, replica(data_dir, 1) as other:
        _ok(one.client.post("/api/secrets", json={"name": "before", "value": "before"}))
        _ok(one.client.post("/api/keys/rotate"))
        _ok(one.client.post("/api/secrets", json={"name": "after", "value": "after"}))
        for server in (other, one):
            for name in ("before", "after"):
                found = _ok(server.client.get(f"/api/secrets/name/{name}/decrypt"))
                assert found["value"] == name
        until(lambda: other.client.get("/api/keys").json()["rotation"]["state"] == "finished")
        (old,) = other.client.get("/api/keys").json()["rotation"]["old_keys"]
        _ok(other.client.delete(f"/api/keys/{old}"))
        for server in (one, other):
            assert _ok(server.client.get("/api/secrets/name/before/decrypt"))["value"] == "before"


def _first_token(server: RunningServer) -> str:
    """Return the token that a first guarded start has shown."""
    found = re.search(r"srt_\S+", server.log_text)
    assert found is not None
    return found[0]


def _ok(answer: httpx.Response) -> Any:
    """Return what was answered."""
    assert answer.is_success, answer.text
    return answer.json()
