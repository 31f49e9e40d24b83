"""The stand-alone verifier refutes whatever is not what was signed, and says where."""

import ast
import base64
import hashlib
from pathlib import Path

import pytest

from adapters.memory import MemoryStorage
from adapters.verifying import exported_log
from adapters.verifying.exported_log import Refuted, split_notes, verify
from application.audit.erase_entries import EraseEntries
from application.audit.list_entries import ListEntries
from application.audit.read_checkpoint import ReadCheckpoint
from application.secrets.reveal_secret import RevealSecret
from domain.audit.encoding import record_line
from domain.audit.query import AuditQuery
from domain.secrets.reference import SecretId
from tests.house import House


class Exported:
    """Twelve entries, with checkpoints of 4 and of 12, as they are exported."""

    def __init__(self) -> None:
        self.house = House(MemoryStorage()).opened()
        self.house.create("n")
        for _ in range(3):
            self.house.run(RevealSecret(reference=SecretId(1)))
        first = self.house.make_checkpoint()
        for _ in range(8):
            self.house.run(RevealSecret(reference=SecretId(1)))
        second = self.house.make_checkpoint()
        assert first is not None
        assert second is not None
        self.notes = f"{first.note}\n{second.note}\n"
        self.key = self.house.run(ReadCheckpoint()).verifier
        self.lines = self.read()[:12]

    def read(self) -> list[str]:
        return [record_line(item) for item in self.house.run(ListEntries(query=AuditQuery()))]

    def refuted(self, lines: list[str], notes: str | None = None, key: str | None = None) -> str:
        with pytest.raises(Refuted) as caught:
            verify(lines, self.notes if notes is None else notes, [key or self.key])
        return str(caught.value)


@pytest.fixture(scope="module")
def exported() -> Exported:
    return Exported()


def test_a_file_of_checkpoints_that_was_cut_within_one_is_not_whole(exported: Exported) -> None:
    assert exported_log.is_whole(exported.notes)
    assert exported_log.is_whole("")
    whole = exported.notes.index("\n\n", exported.notes.index("\n\n") + 2) + 2
    for left in (whole + 3, exported.notes.rindex("\n— "), exported.notes.rindex("— ")):
        assert len(split_notes(exported.notes[:left])) == 1
        assert not exported_log.is_whole(exported.notes[:left])


def test_what_was_signed_verifies(exported: Exported) -> None:
    assert verify(exported.lines, exported.notes, [exported.key]) == (12, 2)
    assert verify([f"{line}\n" for line in exported.lines], exported.notes, [exported.key])


def test_erased_entries_verify_by_their_hashes(exported: Exported) -> None:
    other = Exported()
    other.house.run(EraseEntries(upto=5))
    assert verify(other.read()[:12], other.notes, [other.key]) == (12, 2)


def test_every_flipped_bit_of_every_entry_is_found_between_its_checkpoints(
    exported: Exported,
) -> None:
    found = 0
    for place, line in enumerate(exported.lines):
        for at in range(len(line)):
            changed = f"{line[:at]}{chr(ord(line[at]) ^ 1)}{line[at + 1 :]}"
            told = exported.refuted(
                [*exported.lines[:place], changed, *exported.lines[place + 1 :]]
            )
            among = "1 to 4" if place < 4 else "5 to 12"
            number = place + 1
            assert told.startswith(
                (f"among entries {among}", f"line {number} ", f"entry {number} ")
            ), told
            found += 1
    print(f"\n{found} flipped bytes, all of them found")


def test_a_missing_line_is_found(exported: Exported) -> None:
    assert exported.refuted(exported.lines[:6] + exported.lines[7:]) == (
        "entry 7 is missing: entry 8 stands there"
    )


def test_lines_that_changed_places_are_found(exported: Exported) -> None:
    lines = [*exported.lines]
    lines[6], lines[7] = lines[7], lines[6]
    assert "entry 7 is missing" in exported.refuted(lines)


def test_a_cut_log_is_found(exported: Exported) -> None:
    assert exported.refuted(exported.lines[:-1]).startswith("entries 12 to 12 are missing")
    assert exported.refuted([]).startswith("entries 1 to 12 are missing")


def test_lines_that_nobody_signed_are_found(exported: Exported) -> None:
    first, _ = split_notes(exported.notes)
    assert exported.refuted(exported.lines, first).startswith("entries 5 to 12 are not signed")


def test_a_line_that_is_no_entry_is_found(exported: Exported) -> None:
    for line in ("", "null", "[]", '{"number":12}', '{"number":12,"tag":"erased","leaf":"x"}'):
        assert exported.refuted([*exported.lines[:-1], line]).startswith("line 12 is not")
    damaged = '{"tag":"damaged","number":12,"leaf":"00"}'
    assert exported.refuted([*exported.lines[:-1], damaged]).startswith("entry 12 could not")


def test_a_changed_checkpoint_is_found(exported: Exported) -> None:
    for at in range(len(exported.notes) // 2):
        char = exported.notes[at]
        if char.isalnum():
            other = "A" if char != "A" else "B"
            changed = f"{exported.notes[:at]}{other}{exported.notes[at + 1 :]}"
            assert "checkpoint 1 is not signed" in exported.refuted(exported.lines, changed)


@pytest.mark.parametrize("notes", ["", "\n", "a\n1\n\n", "— a b\n"])
def test_without_a_checkpoint_nothing_is_believed(exported: Exported, notes: str) -> None:
    assert "no checkpoint" in exported.refuted(exported.lines, notes)


@pytest.mark.parametrize("key", ["x", "a+b+c", "strongroom-0+00000000+AAAA"])
def test_what_is_no_key_is_told_as_such(exported: Exported, key: str) -> None:
    assert "is no verifier key" in exported.refuted(exported.lines, key=key)


def test_a_key_that_was_not_copied_whole_is_told_as_such(exported: Exported) -> None:
    assert "is damaged" in exported.refuted(exported.lines, key=f"x{exported.key}")


def test_another_key_believes_nothing(exported: Exported) -> None:
    name, key = exported.key.partition("+")[0], b"\x01" + bytes(32)
    key_hash = hashlib.sha256(f"{name}\n".encode() + key).hexdigest()[:8]
    other = f"{name}+{key_hash}+{base64.b64encode(key).decode()}"
    assert "not signed" in exported.refuted(exported.lines, key=other)


def test_a_note_of_something_else_is_no_checkpoint(exported: Exported) -> None:
    key_id = exported.key.partition("+")[0].removeprefix("strongroom-")
    note = exported.house.signer.sign(f"strongroom-{key_id}\nreceipt\n", key_id=key_id)
    assert exported.refuted(exported.lines, note) == "checkpoint 1 is in another form"


def test_a_note_that_was_cut_off_is_passed_over(exported: Exported) -> None:
    first, second = split_notes(exported.notes)
    cut = first.partition("\n\n")[0]
    assert verify(exported.lines, f"{cut}\n\n{first}\n{second}", [exported.key]) == (12, 2)


def test_the_verifier_stands_alone() -> None:
    tree = ast.parse(Path(exported_log.__file__).read_text("utf-8"))
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    ours = {"domain", "application", "adapters", "entrypoints"}
    assert not {str(name).partition(".")[0] for name in modules} & ours
