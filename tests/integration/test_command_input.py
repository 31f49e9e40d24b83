"""What a command is given and cannot use is told in a line, and never repeated."""

import secrets
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.sql.sqlite_copy import workshop
from application.backups.move_store import Moved
from domain.backups.manifest import TableCount
from domain.errors import InvalidInput, StartRefused, StorageUnavailable
from entrypoints import hardening, logs
from entrypoints.cli.access import NotDone, access
from entrypoints.cli.access_plan import read_plan
from entrypoints.cli.audit import ALIKE, Refused, _new_file, _summed_up, audit
from entrypoints.cli.backup import backup
from entrypoints.cli.client import CallFailed, Client
from entrypoints.cli.interrupting import Interrupted, stoppable
from entrypoints.cli.migrate_store import _told, migrate_store

_CLIENT = httpx.Client


@pytest.fixture(autouse=True)
def this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a command from closing the process of the tests to others, and from logging for it."""
    monkeypatch.setattr(hardening, "harden", lambda: None)
    monkeypatch.setattr(logs, "configure", lambda _: None)


@pytest.mark.parametrize("token", ["tökën-of-somebody", "two\nlines", "a blank", ""])
def test_a_token_that_can_be_none_is_refused_without_being_told(token: str) -> None:
    with pytest.raises(CallFailed) as caught:
        Client("http://127.0.0.1:1", token=token)
    assert str(caught.value) == "the token has a character that no token has"


@pytest.mark.parametrize(
    "text",
    [
        "roles = 3", "principals = 3", "bindings = 3", "[roles.x]\ngrants = 3",
        "[principals.x]\nroles = 3", "[[roles.x.grants]]\nactions = 3",
        "[[roles.x.grants]]\nnames = [3]", '[[bindings]]\nroles = "x"\n[bindings.claims]',
    ],
)  # fmt: skip
def test_a_plan_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    plan = tmp_path / "roles.toml"
    plan.write_text(text)
    with pytest.raises(InvalidInput):
        read_plan(plan)


def test_an_export_writes_over_nothing(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("kept")
    for path in (there, tmp_path / "no" / "folder"):
        with pytest.raises(Refused, match="cannot be made"):
            _new_file(path)
    assert there.read_text() == "kept"


def test_checkpoints_that_are_no_text_do_not_verify(tmp_path: Path) -> None:
    lines, notes = tmp_path / "lines", tmp_path / "notes"
    lines.write_text("")
    notes.write_bytes(b"\xff" + secrets.token_bytes(64))
    with pytest.raises(Refused):
        audit.main(
            ["verify", str(lines), "--checkpoints", str(notes), "--key", "k+00000000+AA=="],
            standalone_mode=False,
        )


@pytest.mark.parametrize("text", ["", "junk\n", "name\n3\nAAAA\n"])
def test_a_file_without_a_checkpoint_is_not_taken_for_checkpoints(
    tmp_path: Path, text: str
) -> None:
    notes = tmp_path / "notes"
    notes.write_text(text)
    with pytest.raises(Refused, match="holds no checkpoint"):
        audit.main(
            ["verify", "--checkpoints", str(notes), "--data-dir", str(tmp_path)],
            standalone_mode=False,
        )


def test_a_store_that_is_not_there_is_said_not_to_be_there(tmp_path: Path) -> None:
    nowhere = ["--data-dir", str(tmp_path / "nowhere")]
    for command, name in ((audit, "verify"), (backup, "status")):
        with pytest.raises(StartRefused, match="there is no store here"):
            command.main([name, *nowhere], standalone_mode=False)
    assert not (tmp_path / "nowhere").exists()


def test_findings_that_are_alike_are_summed_up() -> None:
    rows = [[number, None, "a row"] for number in range(204)] + [[7, None, "another"]]
    told = list(_summed_up(rows))
    assert told[: ALIKE + 1] == [*rows[:ALIKE], rows[-1]]
    assert told[ALIKE + 1 :] == [["", "", "and 194 more (all with --json): a row"]]


def test_a_place_that_is_not_there_is_told_from_an_empty_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--data-dir", str(tmp_path)]
    for place in ("file:/not/there", str(tmp_path / "nowhere")):
        for command in (["list"], ["restore", "latest"], ["verify", "strongroom-x"], ["prune"]):
            with pytest.raises(StartRefused, match="there is no folder at file:"):
                backup.main([*command, "--from", place, *here], standalone_mode=False)
    backup.main(["list", "--from", str(tmp_path), *here], standalone_mode=False)
    assert "there is no backup in this place" in capsys.readouterr().err
    with pytest.raises(StartRefused, match="there is no backup in file:"):
        backup.main(["restore", "latest", "--from", str(tmp_path), *here], standalone_mode=False)


def test_whoever_stops_a_command_is_told_how_to_go_on() -> None:
    with pytest.raises(Interrupted, match="interrupted; again"), stoppable("again"):
        raise KeyboardInterrupt
    with pytest.raises(Interrupted, match="interrupted; again"), stoppable("again"):
        raise StorageUnavailable("away") from KeyboardInterrupt()
    with pytest.raises(StorageUnavailable, match="away"), stoppable("again"):
        raise StorageUnavailable("away")


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("mysql://x", "sqlite:///b.db", "--from names no kind .* sqlite:///path"),
        ("sqlite:///a.db", "/a/plain/path", "--to names no kind .* sqlite:///path"),
    ],
)
def test_an_address_of_no_kind_is_told_by_its_option(source: str, target: str, told: str) -> None:
    with pytest.raises(StartRefused, match=told):
        migrate_store.main(["--from", source, "--to", target], standalone_mode=False)


def test_a_copy_into_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="make it first"), workshop(tmp_path / "no" / "x.db"):
        pass


def test_what_a_finished_copy_was_compared_by_is_said() -> None:
    counts = {"secrets": TableCount(rows=2, sha256="")}
    compared = Moved(counts=counts, entries=3, is_recorded=True, findings=[])
    assert "rows of the audit log are not among them" in _told(compared)
    assert "audit log" not in _told(replace(compared, is_recorded=False))


def test_a_plan_that_is_no_toml_is_told_by_its_line(tmp_path: Path) -> None:
    plan = tmp_path / "roles.toml"
    plan.write_text("[roles.x]\ngrants = [\n")
    with pytest.raises(InvalidInput, match=r"is not valid TOML: .*\("):
        read_plan(plan)
    plan.write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_plan(plan)


def test_a_step_that_is_refused_is_told_by_its_name_and_by_what_there_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "roles.toml"
    plan.write_text('[[roles.x.grants]]\nactions = ["secrets.raed", "secrets.read"]\n')

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=[])
        return httpx.Response(400, json={"detail": "actions: is not known"})

    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(
        "entrypoints.cli.client.httpx.Client",
        lambda **given: _CLIENT(base_url=given["base_url"], transport=transport),
    )
    with pytest.raises(NotDone) as caught:
        access.main(["apply", str(plan)], standalone_mode=False)
    assert str(caught.value) == (
        "'+ role x' was not done: actions: is not known (there is no action secrets.raed)"
    )
    assert capsys.readouterr().out == ""
