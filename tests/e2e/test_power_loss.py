"""The power goes: what was acknowledged is there, whatever was not waited for is gone."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import START_SECONDS, RunningServer, command, environment, running

pytestmark = pytest.mark.sqlite("the file that a server waits for is its own")

SHIM = Path(__file__).parent / "durable.c"
ROUNDS = int(os.environ.get("KILLS", "1"))
WRITERS = 4


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what stands in for a disk that loses what was not waited for."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    if os.geteuid() != 0:
        pytest.skip("only root may look at the open files of a hardened process")
    made = tmp_path_factory.mktemp("shim") / "durable.so"
    line = [compiler, "-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(made), str(SHIM)]
    subprocess.run([*line, "-ldl"], check=True, capture_output=True)
    return made


def write_until_cut(
    server: RunningServer, acknowledged: dict[str, str], numbers: "count[int]"
) -> None:
    """Write, and note what was acknowledged, until nobody answers."""
    while True:
        name = f"n/{next(numbers)}"
        body = {"name": name, "value": f"value of {name}"}
        try:
            answer = server.client.post("/api/secrets", json=body)
        except httpx.TransportError:
            return
        if answer.status_code != 200:
            return
        acknowledged[name] = body["value"]


def cut(server: RunningServer) -> None:
    """Kill every process of a server in the same moment."""
    for process in (server.process.pid, *server.workers()):
        os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_after_a_loss_of_power_every_acknowledged_write_is_there(
    shim: Path, tmp_path: Path, round_: int
) -> None:
    data, durable = tmp_path / "data", tmp_path / "durable"
    durable.mkdir(mode=0o700)
    env = {"LD_PRELOAD": str(shim), "DURABLE_FROM": str(data), "DURABLE_TO": str(durable)}
    acknowledged: dict[str, str] = {}
    numbers = count()
    with running(data, env=env) as server:
        writers = [
            threading.Thread(target=write_until_cut, args=(server, acknowledged, numbers))
            for _ in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        enough = random.Random(round_).randint(50, 400)  # noqa: S311  not for keys
        deadline = time.monotonic() + START_SECONDS
        while len(acknowledged) < enough and time.monotonic() < deadline:
            time.sleep(0.001)
        cut(server)
        for writer in writers:
            writer.join()
    assert len(acknowledged) >= enough
    with running(durable) as again:
        for name, value in acknowledged.items():
            assert again.client.get(f"/api/secrets/name/{name}/decrypt").json()["value"] == value
    line = command("audit", "verify", "--data-dir", str(durable))
    told = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    print(f"{len(acknowledged)} writes acknowledged before the power went, all found")


def test_the_disk_that_is_stood_in_for_does_lose_what_was_not_waited_for(
    shim: Path, tmp_path: Path
) -> None:
    kept, durable = tmp_path / "kept", tmp_path / "durable"
    kept.mkdir()
    durable.mkdir()
    code = (
        "import os; f = open('file', 'wb', buffering=0); f.write(b'waited for'); os.fsync(f);"
        " f.write(b', and not'); open('other', 'wb').write(b'never')"
    )
    env = {"LD_PRELOAD": str(shim), "DURABLE_FROM": str(kept), "DURABLE_TO": str(durable)}
    python = shutil.which("python3") or "python3"
    subprocess.run([python, "-c", code], cwd=kept, env=environment(env), check=True)
    assert {path.name: path.read_bytes() for path in durable.iterdir()} == {"file": b"waited for"}
