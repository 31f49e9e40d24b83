"""Sixteen days of ordinary use, and then six kinds that are not, at a real server.

The days are played through the use cases with a clock that is driven, into the store that the
server is then started on; the last of them is young enough for alerts. What is unusual is
done to the server, which is killed in between, while nobody receives its webhooks at first.
"""

import json
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from application.secrets.reveal_secret import RevealSecret
from domain.access.credential import Credential
from domain.secrets.reference import ByName
from entrypoints.container import Container
from entrypoints.preparation import prepare
from entrypoints.settings import Settings
from tests.e2e import stores
from tests.e2e.certificates import Authority
from tests.e2e.running import RunningServer, command, environment, running
from tests.e2e.test_webhooks import settings, wait_until
from tests.house import House
from tests.receiver import Receiver

DAYS = 16
HOUR = timedelta(hours=1)

LIMITS = {
    "STRONGROOM_AUTH": "required",
    "STRONGROOM_ALERT_READS": "40",
    "STRONGROOM_ALERT_DENIALS": "12",
    "STRONGROOM_ALERT_DISK_PERCENT": "0",
}


@dataclass
class Played:
    """What the days have left behind: a token for each caller."""

    tokens: dict[str, Credential]

    def headers(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who].reveal()}"}


def settings_of(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, database_url=stores.url_of(data_dir))


def play(data_dir: Path) -> Played:
    """Play ordinary days up to now: programs that read around the clock, people in their hours."""
    prepare(Container(settings=settings_of(data_dir)))
    container = Container(settings=settings_of(data_dir))
    storage = container.storage()
    house = House(storage, source=container.root_key_source(), guarded=True)
    now = datetime.now(UTC)
    house.clock.moment = now - timedelta(days=DAYS)
    house.opened()
    for name in ("app/db", "app/queue", "people/bank"):
        house.create(name)
    roles = {"app": "reader", "other": "reader", "person": "reader", "viewer": "viewer",
             "root": "administrator"}  # fmt: skip
    played = Played({who: house.token(who, role) for who, role in roles.items()})
    working = {(now.hour + 6 + step) % 24 for step in range(6)}
    # The last hour is left out: the window in which reads are counted begins empty.
    while house.clock.now() < now - HOUR:
        for who, name in (("app", "app/db"), ("other", "app/queue")):
            house.run_as(played.tokens[who], RevealSecret(reference=ByName(name)))
        if house.clock.now().hour in working:
            house.run_as(played.tokens["person"], RevealSecret(reference=ByName("people/bank")))
        house.clock.advance(HOUR)
    storage.close()
    return played


def reveal(server: RunningServer, played: Played, who: str, name: str) -> httpx.Response:
    return server.client.get(f"/api/secrets/name/{name}/decrypt", headers=played.headers(who))


def many_reads(server: RunningServer, played: Played) -> None:
    for _ in range(50):
        assert reveal(server, played, "app", "app/db").status_code == 200


def a_first_read(server: RunningServer, played: Played) -> None:
    assert reveal(server, played, "other", "app/db").status_code == 200


def many_denials(server: RunningServer, played: Played) -> None:
    for _ in range(15):
        assert reveal(server, played, "viewer", "app/db").status_code == 403


def unknown_tokens(server: RunningServer, played: Played) -> None:
    assert played
    for number in range(15):
        token = Credential.minted(number.to_bytes(32, "big")).reveal()
        answer = server.client.get("/api/secrets/1", headers={"x-api-key": token})
        assert answer.status_code == 401


def an_unusual_hour(server: RunningServer, played: Played) -> None:
    assert reveal(server, played, "person", "people/bank").status_code == 200


def a_decoy(server: RunningServer, played: Played) -> None:
    root = played.headers("root")
    made = server.client.post(
        "/api/secrets", json={"name": "app/root-key", "value": "x"}, headers=root
    ).json()
    before = server.client.get(f"/api/secrets/{made['id']}", headers=root)
    assert server.client.put(f"/api/decoys/{made['id']}", headers=root).status_code == 200
    after = server.client.get(f"/api/secrets/{made['id']}", headers=root)
    assert (before.content, before.headers["etag"]) == (after.content, after.headers["etag"])
    assert reveal(server, played, "app", "app/root-key").status_code == 200


UNUSUAL: dict[str, Callable[[RunningServer, Played], None]] = {
    "reads caller app": many_reads,
    "first-read caller other": a_first_read,
    "denials caller viewer": many_denials,
    "denials address 127.0.0.1": unknown_tokens,
    "unusual-hour caller person": an_unusual_hour,
    "decoy": a_decoy,
}


def alerts(server: RunningServer, played: Played) -> list[dict[str, Any]]:
    answer = server.client.get("/api/alerts", headers=played.headers("root"))
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


def followed(server: RunningServer, played: Played) -> bool:
    """Tell whether the server has come to the end of what was in the log."""
    container = Container(settings=settings_of(server.data_dir))
    storage = container.storage()
    size = storage.read(lambda s: s.sightings.size()).result()
    position = storage.read(lambda s: s.feed_positions.of("following")).result()
    storage.close()
    assert played
    return bool(position >= size)


def test_each_kind_is_told_once_over_a_kill_and_ordinary_use_is_not(
    data_dir: Path, tmp_path: Path
) -> None:
    played = play(data_dir)
    receiver, authority = Receiver(), Authority(tmp_path)
    certificate = authority.issue("receiver")
    with receiver.serving(certificate):
        pass
    env = settings(receiver, authority, "alerts") | LIMITS
    kinds = list(UNUSUAL.items())
    with running(data_dir, env=env) as server:
        wait_until(lambda: followed(server, played))
        reveal(server, played, "app", "app/db")
        wait_until(lambda: followed(server, played))
        assert alerts(server, played) == [], "what is ordinary is told to nobody"
        for _, deed in kinds[:2]:
            deed(server, played)
        wait_until(lambda: len(alerts(server, played)) == 2)
        kinds[2][1](server, played)
        server.stop(signal.SIGKILL)
    with receiver.serving(certificate), running(data_dir, env=env) as server:
        for _, deed in kinds[3:]:
            deed(server, played)
        wait_until(lambda: len(receiver.of("alert.raised")) >= len(kinds))
        wait_until(lambda: followed(server, played))
        raised = alerts(server, played)
        told = [message.data["data"] for message in receiver.of("alert.raised")]
        tried = subprocess.run(
            command("alerts", "test", "--json", "--server", server.url),
            env=environment({"STRONGROOM_TOKEN": played.tokens["root"].reveal()}),
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert tried.returncode == 0, tried.stderr
        assert [one["state"] for one in json.loads(tried.stdout)["deliveries"]] == ["delivered"]
    assert sorted(one["id"] for one in told) == sorted(one["id"] for one in raised)
    assert sorted(one["rule"] for one in raised) == sorted(key.split()[0] for key, _ in kinds)
    assert not receiver.forged


def test_a_test_says_of_each_receiver_what_became_of_it(data_dir: Path, tmp_path: Path) -> None:
    away, here, authority = Receiver(), Receiver(), Authority(tmp_path)
    with away.serving():
        pass  # so that its port is nobody's any more
    with here.serving(authority.issue("receiver")):
        env = settings(here, authority, "alerts")
        first = json.loads(env["STRONGROOM_RECEIVERS"])[0]
        gone = {**first, "name": "gone", "url": f"https://localhost:{away.port}/"}
        env["STRONGROOM_RECEIVERS"] = json.dumps([first, gone])
        with running(data_dir, env=env) as server:

            def run(*arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
                done = subprocess.run(
                    command("alerts", *arguments, "--server", server.url),
                    env=environment(), capture_output=True, text=True, check=False, timeout=120,
                )  # fmt: skip
                assert done.returncode == code, done.stderr
                return done

            told = run("test", "--wait", "60", code=1)
            begun, *rest = told.stderr.splitlines()
            assert begun == "the alert is raised; receivers have 60 seconds to take it"
            assert {line.partition(",")[0] for line in rest[:2]} == {
                "one: delivered", "gone: waiting",
            }  # fmt: skip
            assert len(told.stdout.splitlines()) == 2
            (number,) = [line.split("\t")[0] for line in run("list").stdout.splitlines()]
            run("ack", number)
            after = run("list")
            assert (after.stdout, "--all" in after.stderr) == ("", True)
            assert run("list", "--all").stdout.startswith(number)
