"""The command line against a real server."""

import contextlib
import json
import os
import pty
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.e2e import stores
from tests.e2e.running import RunningServer, command, environment, free_port


class Shell:
    """Runs `strongroom` commands for one server."""

    def __init__(self, server: RunningServer) -> None:
        folder = ("--data-dir", str(server.data_dir))
        self._env = environment({"STRONGROOM_ADDR": server.url}, folder)

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command(*arguments), input=stdin, capture_output=True, timeout=60,
            env=self._env | dict(env or {}), check=False,
        )  # fmt: skip

    def done(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command that must be done."""
        finished = self.run(*arguments, stdin=stdin)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def failed(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run a command that must be refused, with one line that says why."""
        finished = self.run(*arguments, stdin=stdin)
        assert finished.returncode == 1
        assert finished.stdout == b""
        (line,) = finished.stderr.decode().splitlines()
        return line

    def terminal(self, *arguments: str, typed: Sequence[bytes] = ()) -> bytes:
        """Run a command on a terminal of its own and return what it shows."""
        child, terminal = pty.fork()
        if child == 0:
            line = command(*arguments)
            os.execve(line[0], line, self._env)  # noqa: S606  nothing comes back from here
        shown = b""
        for line_typed in typed:
            # A hidden prompt throws away what was typed before it.
            while not shown.endswith(b": "):
                shown += os.read(terminal, 1024)
            os.write(terminal, line_typed)
            shown += b"\n"
        try:
            while more := os.read(terminal, 65536):
                shown += more
        except OSError:  # the other side has closed
            pass
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0, shown
        return shown


@pytest.fixture
def shell(server: RunningServer) -> Shell:
    return Shell(server)


def test_a_value_goes_in_through_a_pipe_and_comes_out_as_it_was(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", name, stdin="välue\nof two lines\n".encode())
    assert shell.done("secrets", "get", name, "--value") == "välue\nof two lines".encode()


def test_a_file_is_taken_byte_by_byte(shell: Shell, name: str, tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"with a newline\r\n")
    shell.done("secrets", "set", name, "--file", str(tmp_path / "value"))
    assert shell.done("secrets", "get", name, "--value") == b"with a newline\r\n"


def test_setting_again_makes_the_next_version(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", name, "--tag", "env=prod", stdin=b"one")
    record = json.loads(shell.done("secrets", "set", name, "--json", stdin=b"two"))
    assert (record["version"], record["tags"]) == (2, {"env": "prod"})
    assert shell.done("secrets", "get", name, "--value", "--version", "1") == b"one"
    shell.done("secrets", "rollback", name, "1")
    assert shell.done("secrets", "get", name, "--value") == b"one"
    shell.done("secrets", "rollback", "--id", str(record["id"]), "2")
    assert shell.done("secrets", "get", name, "--value") == b"two"
    lines = shell.done("secrets", "versions", name).decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["1", "2", "3", "4"]
    assert [line.split("\t")[3] for line in lines] == ["false"] * 3 + ["true"]


def test_the_server_makes_up_a_value_that_is_not_printed(shell: Shell, name: str) -> None:
    said = shell.done(
        "secrets", "set", name, "--generate", "--length", "20", "--alphabet", "digits"
    )
    value = shell.done("secrets", "get", name, "--value")
    assert len(value) == 20
    assert value.isdigit()
    assert value not in said


def test_a_deleted_secret_comes_back(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", name, stdin=b"v")
    number = json.loads(shell.done("secrets", "rm", name, "--json"))["id"]
    assert shell.failed("secrets", "get", name) == "strongroom: no such secret"
    shell.done("secrets", "restore", str(number))
    assert shell.done("secrets", "get", name, "--value") == b"v"


def test_an_id_names_a_secret_as_well(shell: Shell, name: str) -> None:
    made = json.loads(shell.done("secrets", "set", name, "--json", stdin=b"v"))
    by_id = ("--id", str(made["id"]))
    assert json.loads(shell.done("secrets", "get", *by_id, "--json"))["name"] == name
    assert shell.done("secrets", "get", *by_id, "--value") == b"v"
    assert shell.done("secrets", "versions", *by_id) == shell.done("secrets", "versions", name)
    for given in ((), (name, *by_id)):
        asked = shell.run("secrets", "get", *given)
        assert asked.returncode == 2
        assert b"give a name, or an id" in asked.stderr
    assert f"the secret {made['id']} deleted".encode() in shell.done("secrets", "rm", *by_id)
    assert shell.failed("secrets", "get", *by_id) == "strongroom: no such secret"


def test_a_purge_asks_first(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", name, stdin=b"v")
    asked = shell.run("secrets", "rm", name, "--purge", stdin=b"n\n")
    assert (asked.returncode, asked.stdout) == (1, b"")
    assert name.encode() in asked.stderr
    assert shell.done("secrets", "get", name, "--value") == b"v"
    shell.done("secrets", "rm", name, "--purge", "--yes")
    shell.failed("secrets", "get", name)


def test_a_list_is_tab_separated_in_a_pipe_and_json_on_request(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", f"{name}/a", "--tag", "env=prod", stdin=b"v")
    (line,) = shell.done("secrets", "list", "--prefix", f"{name}/").decode().splitlines()
    assert line.split("\t")[1] == f"{name}/a"
    found = json.loads(shell.done("secrets", "list", "--prefix", f"{name}/", "--json"))
    assert [item["name"] for item in found] == [f"{name}/a"]


def test_a_list_goes_past_the_longest_page(shell: Shell, server: RunningServer, name: str) -> None:
    for number in range(1001):
        server.client.post("/api/secrets", json={"name": f"{name}/{number}", "value": "v"})
    lines = shell.done("secrets", "list", "--prefix", f"{name}/").splitlines()
    assert len(lines) == 1001


@pytest.mark.parametrize("ending", ["/decrypt", " 100%?#", "/é🗝"])
def test_names_of_any_kind_reach_the_server_whole(shell: Shell, name: str, ending: str) -> None:
    shell.done("secrets", "set", name + ending, stdin=b"v")
    record = json.loads(shell.done("secrets", "get", name + ending, "--json"))
    assert record["name"] == name + ending
    assert "value" not in record


@contextlib.contextmanager
def strange_server(status: int, body: bytes) -> Iterator[str]:
    """Answer everything with the same, and give the address."""

    class Strange(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Strange) as strange:
        threading.Thread(target=strange.serve_forever).start()
        yield f"http://127.0.0.1:{strange.server_port}"
        strange.shutdown()


def test_a_receipt_of_a_strange_server_does_not_steer_the_terminal(shell: Shell) -> None:
    body = b'{"rotation": {"id": 1, "receipt": "one\\u001b[2J\\ntwo\\n"}}'
    with strange_server(200, body) as address:
        shown = shell.terminal("keys", "receipt", "--server", address)
        piped = shell.done("keys", "receipt", "--server", address)
    assert shown.split() == [rb"one\x1b[2J", b"two"]
    assert piped == b"one\x1b[2J\ntwo\n"


def test_a_refusal_of_a_strange_server_does_not_steer_the_terminal(shell: Shell) -> None:
    with strange_server(400, b'{"detail": "\\u001b[2J\\u009b31m\\nrefused"}') as address:
        done = shell.run("secrets", "list", "--server", address)
    assert done.returncode == 1
    assert done.stderr == b"strongroom: \\x1b[2J\\x9b31m\\nrefused\n"


def test_a_terminal_gets_a_table_and_no_control_sequences(shell: Shell, name: str) -> None:
    shell.done("secrets", "set", name, "--description", "d", stdin=b"red \x1b[31mvalue\x07")
    assert b"updated_at" in shell.terminal("secrets", "list", "--prefix", name)
    shown = shell.terminal("secrets", "get", name, "--value")
    assert shown.strip() == rb"red \x1b[31mvalue\x07"


def test_a_prompted_value_is_not_shown(shell: Shell, name: str) -> None:
    shown = shell.terminal("secrets", "set", name, typed=[b"typed-value\n"] * 2)
    assert b"typed-value" not in shown
    assert shell.done("secrets", "get", name, "--value") == b"typed-value"


def test_a_refusal_says_why_without_the_value(shell: Shell, name: str) -> None:
    said = shell.failed("secrets", "set", f"{name}//", stdin=b"unmistakable")
    assert "slash" in said
    assert "unmistakable" not in said
    assert "at least 1" in shell.failed("secrets", "set", name, stdin=b"\n")
    assert "UTF-8" in shell.failed("secrets", "set", name, stdin=b"\xff")


def test_a_server_that_is_not_there_is_told(shell: Shell) -> None:
    said = shell.failed("secrets", "list", "--server", f"http://u:hidden@127.0.0.1:{free_port()}")
    assert "is the server running" in said
    assert "hidden" not in said


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_told(shell: Shell, address: str) -> None:
    assert "http://127.0.0.1:8000" in shell.failed("secrets", "list", "--server", address)


def test_a_token_is_not_sent_in_the_clear(shell: Shell) -> None:
    finished = shell.run(
        "secrets", "list", "--server", "http://192.0.2.1", env={"STRONGROOM_TOKEN": "hidden"}
    )
    assert finished.returncode == 1
    assert b"https" in finished.stderr
    assert b"hidden" not in finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["secrets", "get"],
        ["secrets", "get", "n", "--version", "1"],
        ["secrets", "set", "n", "--length", "9"],
        ["secrets", "set", "n", "--tag", "no-equals", "--generate"],
        ["unknown"],
    ],
)
def test_wrong_usage_is_told_apart_from_a_refusal(shell: Shell, arguments: list[str]) -> None:
    assert shell.run(*arguments).returncode == 2


def test_a_name_where_an_id_belongs_is_told(shell: Shell) -> None:
    assert b"'n' is not a valid number" in shell.run("secrets", "restore", "n").stderr


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_every_shell(shell: Shell, kind: str) -> None:
    assert b"_STRONGROOM_COMPLETE" in shell.done("completion", kind)


def test_the_settings_in_force_are_shown(tmp_path: Path) -> None:
    (tmp_path / "strongroom.toml").write_text('port = 9001\ncipher = "aes-256-gcm"\n')
    done = subprocess.run(
        command("config", "show", "--json"), capture_output=True, check=True, cwd=tmp_path,
        env=environment({"STRONGROOM_PORT": "9002", "PYTHONPATH": str(Path.cwd())}),
    )  # fmt: skip
    shown = json.loads(done.stdout)
    assert (shown["port"], shown["cipher"], shown["host"]) == (9002, "aes-256-gcm", "127.0.0.1")


def test_the_tables_are_upgraded_and_their_revision_told(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))
    env = environment(line=folder)

    def run(*arguments: str) -> bytes:
        return subprocess.run(
            command("db", *arguments, *folder), capture_output=True, check=True, env=env,
            umask=0o022,
        ).stdout  # fmt: skip

    assert run("current").startswith(b"none")
    run("upgrade")
    state = json.loads(run("current", "--json"))
    assert state["revision"] == state["newest"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o600}


def test_the_installed_adapters_are_listed(shell: Shell) -> None:
    kind = "postgresql" if stores.are_in_postgresql() else "sqlite"
    listed = json.loads(shell.done("plugins", "--json"))
    used = {(row["group"], row["name"]) for row in listed if row["in_use"]}
    assert used == {
        ("strongroom.ciphers", "fernet"),
        ("strongroom.root_keys", "file"),
        ("strongroom.storage", kind),
    }
    (line,) = (
        line for line in shell.done("plugins").decode().splitlines() if f"\t{kind}\t" in line
    )
    assert line.split("\t")[2] == "strongroom"
    assert line.endswith("in use")
