"""Real servers, with more than one worker, whose root key does not lie in the data folder."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.running import (
    START_SECONDS,
    RunningServer,
    command,
    environment,
    free_port,
    refused,
    running,
)
from tests.e2e.test_secrets_api import create
from tests.softhsm import PIN, made_token, needs_softhsm

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PHRASE = "correct horse battery staple"
WORKERS = ("--workers", "2")


def value_of(server: RunningServer) -> str:
    value: str = server.client.get("/api/secrets/1/decrypt").json()["value"]
    return value


@contextlib.contextmanager
def typing(data_dir: Path, *answers: str) -> Iterator[RunningServer]:
    """Run a server at a terminal, and type when it asks."""
    port, log = free_port(), data_dir.parent / "typing.log"
    line = command("serve", "--port", str(port), "--data-dir", str(data_dir), *WORKERS)
    keyboard, terminal = os.openpty()
    with log.open("wb") as output:
        process = subprocess.Popen(
            line,
            stdin=terminal,
            stdout=output,
            stderr=output,
            env=environment({"STRONGROOM_ROOT_KEY": "passphrase:"}, line),
            start_new_session=True,
        )
    server = RunningServer(process, port, data_dir, log)
    try:
        for number, answer in enumerate(answers, 1):
            _wait_for_prompts(server, number)
            os.write(keyboard, f"{answer}\n".encode())
        yield server
    finally:
        server.stop()
        os.close(terminal)
        os.close(keyboard)


def _wait_for_prompts(server: RunningServer, number: int) -> None:
    """Wait until the server has asked so many times."""
    deadline = time.monotonic() + START_SECONDS
    while server.log_text.count("passphrase of") + server.log_text.count("again: ") < number:
        assert server.process.poll() is None, server.log_text
        assert time.monotonic() < deadline, server.log_text
        time.sleep(0.02)


def test_a_variable_keeps_the_root_key_out_of_the_data_folder(data_dir: Path) -> None:
    env = {"STRONGROOM_ROOT_KEY": "env:STRONGROOM_KEY", "STRONGROOM_KEY": KEY}
    with running(data_dir, *WORKERS, env=env) as server:
        create(server.client, "n", "the value")
    assert not (data_dir / "secret.key").exists()
    with running(data_dir, *WORKERS, env=env) as server:
        assert value_of(server) == "the value"
        assert KEY not in server.log_text


def test_a_missing_variable_stops_the_start(data_dir: Path) -> None:
    line = refused(data_dir, env={"STRONGROOM_ROOT_KEY": "env:STRONGROOM_KEY"})
    assert "neither STRONGROOM_KEY nor STRONGROOM_KEY_FILE is set" in line


def test_a_passphrase_is_typed_once_for_all_workers(data_dir: Path) -> None:
    with typing(data_dir, PHRASE, PHRASE) as server:
        server.wait_until_ready()
        create(server.client, "n", "the value")
    with typing(data_dir, PHRASE) as server:
        server.wait_until_ready()
        assert value_of(server) == "the value"
        assert server.log_text.count("passphrase of the root key: ") == 1
        assert "horse" not in server.log_text
    with typing(data_dir, "correct horse battery stapel") as server:
        assert server.process.wait(timeout=START_SECONDS) == 1
        assert "it is mistyped, or not the one that belongs to it" in server.log_text


@needs_softhsm
def test_a_security_module_serves_every_worker(data_dir: Path, tmp_path: Path) -> None:
    place = made_token(tmp_path, "one").replace("?", ";object=one?")
    env = {"SOFTHSM2_CONF": str(tmp_path / "conf"), "STRONGROOM_ROOT_KEY": f"pkcs11:{place}"}
    with running(data_dir, *WORKERS, env=env) as server:
        create(server.client, "n", "the value")
    with running(data_dir, *WORKERS, env=env) as server:
        assert value_of(server) == "the value"
        assert PIN not in server.log_text
