"""Receivers are told by a real server, also after it was killed and while they were away."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.certificates import Authority
from tests.e2e.running import START_SECONDS, refused, running
from tests.receiver import SECRET, Receiver


def settings(receiver: Receiver, authority: Authority, *sends: str, **more: Any) -> dict[str, str]:
    """Return the environment of a server that tells a receiver."""
    told = {
        "name": "one", "url": f"https://localhost:{receiver.port}/hook-of-the-receiver",
        "secret": SECRET, "sends": sends, **more,
    }  # fmt: skip
    return {
        "STRONGROOM_RECEIVERS": json.dumps([told]),
        "STRONGROOM_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128",
        "STRONGROOM_WEBHOOK_CA": str(authority.file),
        "STRONGROOM_AUDIT_CHECKPOINT_SECONDS": "1",
    }


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def test_checkpoints_reach_a_receiver_that_was_away_when_the_server_was_killed(
    data_dir: Path, tmp_path: Path
) -> None:
    receiver, authority = Receiver(), Authority(tmp_path)
    certificate = authority.issue("receiver")
    with receiver.serving(certificate):
        pass
    env = settings(receiver, authority, "checkpoints")
    with running(data_dir, env=env) as server:
        server.client.post("/api/secrets", json={"name": "a", "value": "hidden"})
        wait_until(lambda: server.client.get("/api/audit/checkpoint").status_code == 200)
        note = server.client.get("/api/audit/checkpoint").json()["note"]
        server.stop(signal.SIGKILL)
    with receiver.serving(certificate), running(data_dir, env=env) as server:
        wait_until(lambda: note in [m.data["data"]["note"] for m in receiver.messages])
        sizes = [message.data["data"]["size"] for message in receiver.of("checkpoint.made")]
        assert sizes == sorted(set(sizes))
        assert not receiver.forged
        assert all(b"hidden" not in message.body for message in receiver.messages)
        for shown in (SECRET, "hook-of-the-receiver"):
            assert shown not in server.log_text


def test_changes_are_told_once_each_over_kills_of_the_server(
    data_dir: Path, tmp_path: Path
) -> None:
    receiver, authority = Receiver(), Authority(tmp_path)
    names = []
    with receiver.serving(authority.issue("receiver")):
        env = settings(receiver, authority, "changes", names=["prod/**"])
        for life in range(2):
            with running(data_dir, env=env) as server:
                for number in range(20):
                    name = f"prod/{life}/{number}"
                    made = server.client.post("/api/secrets", json={"name": name, "value": "v"})
                    assert made.status_code == 200
                    names.append(name)
                server.client.post("/api/secrets", json={"name": f"dev/{life}", "value": "v"})
                server.stop(signal.SIGKILL)
        with running(data_dir, env=env):
            wait_until(lambda: len(receiver.of("secret.created")) >= len(names))
    told = [message.data["data"]["name"] for message in receiver.of("secret.created")]
    assert told == names
    assert not receiver.forged


def test_a_receiver_that_cannot_be_stops_the_start(data_dir: Path, tmp_path: Path) -> None:
    env = settings(Receiver(port=1), Authority(tmp_path), "checkpoints", secret="whsec_hidden")
    said = refused(data_dir, env=env)
    assert "receiver" in said
    assert "hidden" not in said
