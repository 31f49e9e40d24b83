"""Whoever writes the database file can change what they like; the verification finds it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from adapters.sql.sqlite import SqliteStorage
from application.audit.adopt_tip import AdoptTip
from application.audit.feed_sinks import entry_lines
from application.audit.follow_log import FollowLog
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.audit.finding import Finding
from domain.errors import AuditUnavailable, Broken, StartRefused, StorageUnavailable
from domain.secrets.reference import SecretId
from domain.secrets.value import SecretValue
from tests.fakes import CALLER, CountedPace, never
from tests.following import within
from tests.house import House
from tests.tables import with_tables

COLUMNS = (
    "leaf", "at", "request_id", "principal", "address", "action", "outcome", "rule", "reason",
    "reference", "secret_uid", "secret_name", "version", "revision", "digest", "facts",
)  # fmt: skip

SEPARATOR = 10
"""The place of the byte between date and time: whatever stands there, the same moment is read."""


class Tampered:
    """A house around a file, and a way into the file past the house."""

    def __init__(self, path: Path) -> None:
        self.house = House(SqliteStorage(with_tables(path))).opened()
        self.db = sqlite3.connect(path, isolation_level=None)
        self.house.create("zürich/n")
        self.house.run(UpdateSecret(reference=SecretId(1), value=SecretValue("second")))
        with contextlib.suppress(Exception):
            self.house.run(RevealSecret(reference=SecretId(9)))
        self.house.make_checkpoint()

    def findings(self) -> list[Finding]:
        return list(self.house.verify_log().findings)

    @contextlib.contextmanager
    def changed(self, statement: str, *values: object) -> Iterator[None]:
        """Change the file for a while."""
        tables = ("audit_entries", "audit_tree", "audit_checkpoints", "secrets", "audit_subtrees")
        before = {table: self.db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}  # noqa: S608  our names
        self.db.execute(statement, values)
        try:
            yield
        finally:
            for table, rows in before.items():
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608  our names
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    self.db.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608  our names


@pytest.fixture
def tampered(tmp_path: Path) -> Iterator[Tampered]:
    made = Tampered(tmp_path / "secrets.db")
    yield made
    made.db.close()
    made.house.storage.close()


def put(tampered: Tampered, column: str, number: int, value: object, *, cast: str = "?") -> None:
    """Write one column of one entry."""
    statement = f"UPDATE audit_entries SET {column} = {cast} WHERE id = ?"  # noqa: S608  our names
    tampered.db.execute(statement, (value, number))


def bytes_of(tampered: Tampered, column: str, number: int) -> tuple[bytes, str]:
    """Return what stands in a column as bytes, and how they are cast back."""
    question = f"SELECT CAST({column} AS BLOB), typeof({column}) FROM audit_entries WHERE id = ?"  # noqa: S608  our names
    stored, kind = tampered.db.execute(question, (number,)).fetchone()
    casts = {"text": "CAST(? AS TEXT)", "integer": "CAST(CAST(? AS TEXT) AS INTEGER)"}
    return stored or b"", casts.get(kind, "?")


def test_every_flipped_bit_of_every_column_of_every_entry_is_found(tampered: Tampered) -> None:
    flipped = 0
    assert tampered.findings() == []
    for number, column in product((1, 2, 3), COLUMNS):
        stored, cast = bytes_of(tampered, column, number)
        for at in range(len(stored)):
            if column == "at" and at == SEPARATOR:
                continue
            other = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
            put(tampered, column, number, other, cast=cast)
            places = [finding.entry for finding in tampered.findings()]
            assert number in places, (number, column, at)
            flipped += 1
        if stored:
            put(tampered, column, number, stored, cast=cast)
    assert tampered.findings() == []
    print(f"\n{flipped} flipped bytes, all of them found at their entry")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_another_type_is_found(tampered: Tampered, column: str) -> None:
    stored, cast = bytes_of(tampered, column, 2)
    for other in (b"bytes", "text", 7, 1.5, None):
        try:
            put(tampered, column, 2, other)
        except sqlite3.IntegrityError:
            continue
        if bytes_of(tampered, column, 2) != (stored, cast):
            assert 2 in [finding.entry for finding in tampered.findings()], other


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("DELETE FROM audit_entries WHERE id = 1", 1),
        ("DELETE FROM audit_entries WHERE id = 2", 2),
        ("DELETE FROM audit_entries WHERE id = 3", 3),
        ("DELETE FROM audit_entries", 1),
        ("UPDATE audit_entries SET id = id + 1000 WHERE id = 2", 2),
        ("UPDATE audit_entries SET id = CASE id WHEN 1 THEN -2 ELSE id END", 1),
        ("DELETE FROM audit_tree", None),
        ("UPDATE audit_tree SET size = 2", None),
        ("UPDATE audit_tree SET peaks = x'00'", None),
        ("UPDATE audit_checkpoints SET note = replace(note, '3', '2')", 3),
        ("UPDATE audit_checkpoints SET size = 2", 2),
    ],
)
def test_entries_and_hashes_that_are_gone_or_moved_are_found(
    tampered: Tampered, statement: str, entry: int | None
) -> None:
    with tampered.changed(statement):
        assert entry in [finding.entry for finding in tampered.findings()]


def test_a_row_of_before_that_was_put_back_is_found(tampered: Tampered) -> None:
    row = tampered.db.execute("SELECT * FROM secrets").fetchone()
    tampered.house.run(UpdateSecret(reference=SecretId(1), description="newer"))
    marks = ", ".join("?" * len(row))
    with tampered.changed(f"REPLACE INTO secrets VALUES ({marks})", *row):  # noqa: S608  as above
        (finding,) = tampered.findings()
        assert (finding.entry, finding.secret) == (4, 1)
        assert "older than the entry" in finding.text


@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_tree", "UPDATE audit_tree SET size = 1, peaks = zeroblob(32)"]
)
def test_nothing_is_answered_when_the_log_does_not_fit_its_tree(
    tampered: Tampered, statement: str
) -> None:
    with tampered.changed(statement):
        with pytest.raises(AuditUnavailable):
            tampered.house.run(RevealSecret(reference=SecretId(1)))
        with pytest.raises(StorageUnavailable, match="audit verify"):
            tampered.house.create("other")
    tampered.house.create("other")
    assert tampered.findings() == []


DAMAGED_TIPS = [
    "UPDATE audit_tree SET mac = NULL",
    "UPDATE audit_tree SET key_id = NULL",
    "UPDATE audit_tree SET key_id = NULL, mac = NULL",
    "UPDATE audit_tree SET mac = 'a text'",
    "UPDATE audit_tree SET mac = x'00'",
    "UPDATE audit_tree SET key_id = x'00'",
    "UPDATE audit_tree SET size = 'a text'",
    "UPDATE audit_tree SET size = x'00'",
    "UPDATE audit_tree SET size = -1",
    "UPDATE audit_tree SET peaks = 'a text'",
    "UPDATE audit_tree SET peaks = x'00'",
    "UPDATE audit_tree SET peaks = 7",
    "DELETE FROM audit_tree",
]


@pytest.mark.parametrize("statement", DAMAGED_TIPS)
def test_a_damaged_tip_stops_everything_until_it_is_adopted(
    tampered: Tampered, statement: str
) -> None:
    house = tampered.house
    size = len(house.events())
    tampered.db.execute(statement)
    with pytest.raises(StorageUnavailable, match="audit verify"):
        house.create("other")
    with pytest.raises(AuditUnavailable):
        house.run(RevealSecret(reference=SecretId(1)))
    assert tampered.findings()
    with pytest.raises(StartRefused, match=r"docs/audit\.md"):
        house.prepare_keys(CALLER, adopts=True)
    for look in (follow, feed):
        with pytest.raises(Broken):
            look(house)
    assert house.run(AdoptTip(size=size)) == size
    assert tampered.findings() == []
    house.create("other")
    assert house.prepare_keys(CALLER).minted is False
    assert tampered.findings() == []


def put_back(tampered: Tampered, tip: tuple[object, ...]) -> None:
    """Cut the log back to a tip that a server once wrote, with its MAC."""
    tampered.db.execute("DELETE FROM audit_entries WHERE id > ?", (tip[0],))
    tampered.db.execute("DELETE FROM audit_checkpoints WHERE size > ?", (tip[0],))
    tampered.db.execute("UPDATE audit_tree SET size = ?, peaks = ?, key_id = ?, mac = ?", tip)


def test_a_database_that_was_put_back_under_a_running_server_stops_it(
    tampered: Tampered, tmp_path: Path
) -> None:
    house = tampered.house
    house.create("not signed yet")
    tip = tampered.db.execute("SELECT size, peaks, key_id, mac FROM audit_tree").fetchone()
    house.create("later")
    put_back(tampered, tip)
    with pytest.raises(AuditUnavailable):
        house.run(RevealSecret(reference=SecretId(1)))
    with pytest.raises(StorageUnavailable, match="put back to an earlier state"):
        house.create("more")
    with pytest.raises(StorageUnavailable, match="put back to an earlier state"):
        house.make_checkpoint()
    # What another process has put in its place, of the same length, is not ours either.
    anew = House(SqliteStorage(tmp_path / "secrets.db"), source=house.source).opened()
    anew.create("in its place")
    with pytest.raises(StorageUnavailable, match="put back to an earlier state"):
        house.create("more")
    anew.storage.close()


def test_a_tree_of_entries_that_are_missing_is_adopted_by_nobody(tampered: Tampered) -> None:
    tampered.db.execute("DELETE FROM audit_tree")
    tampered.db.execute("DELETE FROM audit_entries WHERE id = 2")
    tip = "SELECT * FROM audit_tree"
    with pytest.raises((Broken, AuditUnavailable)):
        tampered.house.run(AdoptTip(size=2))
    assert tampered.db.execute(tip).fetchall() == []


def follow(house: House) -> None:
    FollowLog(
        name="follower", storage=house.storage, turns=house.turns, macs=house.macs,
        pace=CountedPace(), fold=within(lambda *_: None),
    )(never)  # fmt: skip


def feed(house: House) -> None:
    house.storage.read(lambda s: entry_lines(0, s, house.macs)).result()
