"""What a command is given and cannot use is told in a line, and never repeated."""

import secrets
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from entrypoints.cli.access_plan import read_plan
from entrypoints.cli.audit import Refused, _new_file, audit
from entrypoints.cli.client import CallFailed, Client


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
