"""A guarded server: the first token, the command line, and rights that hold at once."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, running

REQUIRED = {"STRONGROOM_AUTH": "required"}

ROLES = """
[roles.payments]
description = "the payments team"
grants = [
    { actions = ["secrets.reveal"], names = ["prod/payments/**"] },
    { effect = "deny", actions = ["secrets.read"], names = ["prod/payments/root"] },
]

[principals.checkout]
roles = ["payments"]
"""


def run(*arguments: str, env: dict[str, str] | None = None, code: int = 0) -> str:
    """Run a command to its end and return what it prints."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False,
        env=environment(env, arguments),
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guarded") / "data"


@pytest.fixture(scope="module")
def token(folder: Path) -> str:
    return run("init", "--data-dir", str(folder)).strip()


@pytest.fixture(scope="module")
def guarded(folder: Path, token: str) -> Iterator[RunningServer]:
    """One server of two workers for all tests that do not stop it."""
    with running(folder, "--workers", "2", env=REQUIRED) as server:
        server.client.headers["authorization"] = f"Bearer {token}"
        yield server


@pytest.fixture
def env(guarded: RunningServer, token: str) -> dict[str, str]:
    return {"STRONGROOM_ADDR": guarded.url, "STRONGROOM_TOKEN": token}


def test_init_prints_the_token_alone_and_once(folder: Path, token: str) -> None:
    assert token.startswith("srt_")
    assert len(token.split()) == 1
    assert "already" in run("init", "--data-dir", str(folder), code=1)
    again = run("init", "--again", "--data-dir", str(folder)).strip()
    assert again.startswith("srt_")
    assert again != token


def test_the_first_guarded_start_shows_a_token_once(data_dir: Path) -> None:
    with running(data_dir, env=REQUIRED) as server:
        shown = [line for line in server.log_text.splitlines() if line.startswith("srt_")]
        answer = server.client.get(
            "/api/whoami", headers={"authorization": f"Bearer {shown[0]}"}
        ).json()
        assert (len(shown), answer["principal"]) == (1, "admin")
        assert server.client.get("/api/whoami").status_code == 401
    with running(data_dir, env=REQUIRED) as server:
        assert "srt_" not in server.log_text
        assert "local mode" not in server.log_text


def test_the_command_line_works_with_a_token(env: dict[str, str]) -> None:
    assert run("secrets", "list", env=env) == ""
    assert "credential" in run("secrets", "list", env={**env, "STRONGROOM_TOKEN": ""}, code=1)


def test_a_revoked_token_counts_on_no_worker(guarded: RunningServer, env: dict[str, str]) -> None:
    guarded.client.post("/api/principals", json={"name": "ci", "roles": ["reader"]})
    made = run("access", "token", "create", "--principal", "ci", env=env).strip()
    listed = run("access", "token", "list", env=env)
    assert made not in listed
    assert made[:8] in listed
    headers = {"authorization": f"Bearer {made}"}

    def statuses() -> set[int]:
        """Ask over connections of their own, so that both workers are asked."""
        return {
            httpx.get(f"{guarded.url}/api/whoami", headers=headers).status_code for _ in range(12)
        }

    assert statuses() == {200}
    number = next(line for line in listed.splitlines() if made[:8] in line).split("\t")[0]
    run("access", "token", "revoke", number, env=env)
    assert statuses() == {401}


def test_roles_of_a_file_are_applied_once(
    guarded: RunningServer, env: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(ROLES)
    expected = [
        "+ role payments",
        "  + allow secrets.reveal on prod/payments/**",
        "  + deny secrets.read on prod/payments/root",
        "+ principal checkout",
        "  + payments",
    ]
    assert run("access", "apply", str(file), "--dry-run", env=env).splitlines() == expected
    assert run("access", "apply", str(file), env=env).splitlines() == expected
    assert run("access", "apply", str(file), env=env) == ""
    file.write_text(ROLES.replace("secrets.reveal", "secrets.update"))
    changed = run("access", "apply", str(file), env=env).splitlines()
    assert changed == [
        "~ role payments",
        "  - allow secrets.reveal on prod/payments/**",
        "  + allow secrets.update on prod/payments/**",
    ]
    who = run("access", "who-can", "secrets.update", "prod/payments/db", env=env)
    assert [line.split("\t")[0] for line in who.splitlines()] == ["admin", "checkout"]
    asked = ("access", "explain", "checkout", "secrets.reveal", "prod/payments/db")
    assert run(*asked, env=env) == "checkout\tfalse\tnothing allows it\n"


@pytest.mark.parametrize(
    "text", ["[role.x]", "not toml", "[roles.x]\ngrant = 1", "[principals]\nx=1"]
)
def test_a_file_that_says_something_else_is_refused(
    env: dict[str, str], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(text)
    assert "file" in run("access", "apply", str(file), env=env, code=1)


def test_no_token_is_in_the_store(folder: Path, token: str, guarded: RunningServer) -> None:
    assert guarded.client.get("/api/whoami").status_code == 200
    stored = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert token.encode() not in stored
    assert token[8:].encode() not in stored
    assert token[8:] not in str(stores.everything(folder))
    assert token not in guarded.log_text
