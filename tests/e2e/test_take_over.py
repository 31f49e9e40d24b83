"""A folder that a plain backend really wrote is taken over with every value equal."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.e2e.running import command, environment, free_port, refused, running
from tests.integration.test_schema import FIRST_TABLE

pytestmark = pytest.mark.sqlite("an earlier backend's store is taken over where it is, in its file")

ROWS = int(os.environ.get("TAKE_OVER_ROWS", "2000"))
"""How many rows the plain backend writes; a campaign has it write more."""

# What today's rules refuse, and yesterday's backend took.
UNUSUAL = {
    "/slash in front": "v1",
    " blank in front": "v2",
    "a//b": "v3",
    "e\u0301": "decomposed",
    "tab\tin name": "v5",
    "empty value": "",
    "long value": "x" * 100_000,
    "nul": "a\x00b",
}


@contextlib.contextmanager
def textbook(data_dir: Path) -> Iterator[httpx.Client]:
    """Run the plain backend on a folder."""
    port = free_port()
    line = [sys.executable, "-m", "uvicorn", "tests.textbook.main:app", "--port", str(port)]
    process = subprocess.Popen(
        [*line, "--log-level", "warning"],
        env=os.environ | {"TEXTBOOK_DATA_DIR": str(data_dir)},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            while True:
                assert process.poll() is None
                with contextlib.suppress(httpx.TransportError):
                    client.get("/api/secrets")
                    break
                time.sleep(0.02)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, tuple[str, str]]]:
    """A folder with many secrets, each written by a request to the plain backend."""
    data_dir = tmp_path_factory.mktemp("textbook") / "data"
    data_dir.mkdir(mode=0o755)
    wanted = {f"name-{number}": f"välue {number} 🗝" for number in range(ROWS - len(UNUSUAL))}
    wanted |= UNUSUAL

    def create(item: tuple[str, str]) -> tuple[int, tuple[str, str]]:
        body = {"name": item[0], "value": item[1], "description": f"d {item[0]}"}
        answer = client.post("/api/secrets", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"], item

    old = os.umask(0o022)
    try:
        with textbook(data_dir) as client, ThreadPoolExecutor(8) as pool:
            kept = dict(pool.map(create, wanted.items()))
    finally:
        os.umask(old)
    assert len(kept) == ROWS
    return data_dir, kept


def count(database: Path, condition: str) -> int:
    """Return how many secrets fit a condition, asked behind the server's back."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        statement = f"SELECT count(*) FROM secrets WHERE {condition}"  # noqa: S608  ours
        found: int = db.execute(statement).fetchone()[0]
        return found


def test_every_value_is_there_under_its_id_and_nothing_bare_is_left(
    written: tuple[Path, dict[int, tuple[str, str]]],
) -> None:
    data_dir, wanted = written
    with running(data_dir) as server:
        found: dict[int, tuple[str, str]] = {}
        numbers = sorted(wanted)
        for start in range(0, ROWS, 100):
            body = {"secrets": numbers[start : start + 100]}
            for item in server.client.post("/api/secrets/decrypt", json=body).json()["results"]:
                found[item["secret"]["id"]] = (item["secret"]["name"], item["secret"]["value"])
        assert found == wanted
        page = server.client.get("/api/secrets", params={"limit": 1000}).json()
        assert page[0]["description"].startswith("d ")
        for name in ("name-7", "e%CC%81", "%2Fslash%20in%20front", "a//b", "tab%09in%20name"):
            assert server.client.get(f"/api/secrets/name/{name}/decrypt").is_success, name
        assert "taken over" in server.log_text
    bare = count(data_dir / "secrets.db", "encrypted_value NOT LIKE 'sr1:%'")
    assert bare == 0


def test_the_folder_is_closed_and_copied_before(
    written: tuple[Path, dict[int, tuple[str, str]]],
) -> None:
    data_dir, _ = written
    with running(data_dir):
        pass
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in data_dir.iterdir()} == {0o600}
    (copy,) = data_dir.glob("secrets.db.before-*")
    assert count(copy, "encrypted_value LIKE 'gAAAAA%'") == ROWS


def test_a_bare_token_that_turns_up_later_is_refused(
    written: tuple[Path, dict[int, tuple[str, str]]],
) -> None:
    data_dir, wanted = written
    with running(data_dir):
        pass
    number = min(wanted)
    token = Fernet((data_dir / "secret.key").read_bytes()).encrypt(b"smuggled").decode()
    with contextlib.closing(sqlite3.connect(data_dir / "secrets.db")) as db, db:
        (before,) = db.execute(
            "SELECT encrypted_value FROM secrets WHERE id = ?", (number,)
        ).fetchone()
        db.execute("UPDATE secrets SET encrypted_value = ? WHERE id = ?", (token, number))
    with running(data_dir) as server:
        answer = server.client.get(f"/api/secrets/{number}/decrypt")
        assert answer.status_code == 500
        assert "smuggled" not in answer.text
    with contextlib.closing(sqlite3.connect(data_dir / "secrets.db")) as db, db:
        db.execute("UPDATE secrets SET encrypted_value = ? WHERE id = ?", (before, number))


def test_a_foreign_key_file_stops_the_take_over_and_changes_nothing(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    with textbook(data_dir) as client:
        client.post("/api/secrets", json={"name": "n", "value": "v"})
    key = (data_dir / "secret.key").read_bytes()
    (data_dir / "secret.key").write_bytes(Fernet.generate_key())
    before = (data_dir / "secrets.db").read_bytes()
    assert "opens none of the stored values" in refused(data_dir)
    assert (data_dir / "secrets.db").read_bytes() == before
    (data_dir / "secret.key").write_bytes(key)
    with running(data_dir) as server:
        assert server.client.get("/api/secrets/name/n/decrypt").json()["value"] == "v"


def test_a_take_over_that_is_killed_begins_anew(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    with textbook(data_dir) as client:
        for number in range(50):
            client.post("/api/secrets", json={"name": f"n{number}", "value": f"v{number}"})
    # Killed at a dozen moments of its start; whatever had been done, the next one goes on.
    for tick in range(12):
        line = command("serve", "--port", str(free_port()), "--data-dir", str(data_dir))
        process = subprocess.Popen(
            line, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(0.15 * tick)
        process.kill()
        process.wait(timeout=60)
    with running(data_dir) as server:
        for number in range(50):
            answer = server.client.get(f"/api/secrets/name/n{number}/decrypt")
            assert answer.json()["value"] == f"v{number}"


@pytest.mark.parametrize("as_bytes", [False, True])
def test_tokens_kept_as_bytes_and_odd_ids_are_taken_over(data_dir: Path, *, as_bytes: bool) -> None:
    data_dir.mkdir(mode=0o755)
    key = Fernet.generate_key()
    (data_dir / "secret.key").write_bytes(key)
    values = {7: "v7", 0: "v0", -7: "v-7"}
    with contextlib.closing(sqlite3.connect(data_dir / "secrets.db")) as db, db:
        db.execute(FIRST_TABLE)
        for number, value in values.items():
            token = Fernet(key).encrypt(value.encode())
            db.execute(
                "INSERT INTO secrets (id, name, encrypted_value) VALUES (?, ?, ?)",
                (number, f"n{number}", token if as_bytes else token.decode()),
            )
    with running(data_dir) as server:
        for number, value in values.items():
            answer = server.client.get(f"/api/secrets/name/n{number}/decrypt")
            assert answer.json()["value"] == value
