"""The stream of a backup: what is written is read, and nothing else is."""

import gzip
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.backups.packing import MAX_LINE, packed, unpacked
from application.backups.reading import BackupReader
from domain.audit.merkle import EMPTY_ROOT
from domain.backups.encoding import (
    BackupBroken,
    RowCodec,
    line_of,
    moment_text,
    parse_line,
    parse_moment,
    parse_table,
    table_line,
)
from domain.backups.manifest import (
    AuditState,
    Header,
    TableCount,
    Totals,
    parse_audit,
    parse_header,
)
from domain.backups.rows import Column, Kind, TableForm
from domain.errors import Broken
from domain.keys.data_key import DataKey, KeyState
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.signer import NoteReader, Signer
from tests.fakes import START

COLUMNS = tuple(Column(name=kind.value, kind=kind) for kind in Kind)
ROW = ("text", 7, b"\x00\xff", START, True, 0.1, date(2026, 11, 24))
TABLE = TableForm(name="things", columns=COLUMNS, last_id=9)
EMPTY = TableForm(name="nothing", columns=())
AUDIT = AuditState(size=3, root=EMPTY_ROOT.hex())
HEADER = Header(
    store="a" * 16,
    signing_key="b" * 16,
    revision="0007",
    at=START,
    root_key=RootKeyRecord(generation=2, source="file:k", since=START, principal="local"),
    keys=(DataKey(id="a" * 16, state=KeyState.ACTIVE, created_at=START, wrapped="rk1:x"),),
)


class Seal(Signer, NoteReader):
    """Signs by saying so."""

    def sign(self, text: str, *, key_id: str) -> str:
        return f"{text}\n— {key_id}\n"

    def verifier(self, key_id: str) -> str:
        return key_id

    def read(self, note: str, *, verifier: str) -> str:
        text, _, signature = note.rpartition("\n\n")
        if signature != f"— {verifier}\n":
            raise Broken("not signed")
        return text + "\n"


SEAL = Seal()


def lines(*, header: Header = HEADER, rows: Iterable[Any] = (ROW,)) -> list[bytes]:
    """Return the lines of a backup."""
    import hashlib  # noqa: PLC0415

    body = [RowCodec(COLUMNS).line(row) for row in rows]
    before = [line_of(header.data()), table_line(TABLE), *body, table_line(EMPTY)]
    totals = Totals(
        tables={
            "things": TableCount(rows=len(body), sha256=hashlib.sha256(b"".join(body)).hexdigest()),
            "nothing": TableCount(rows=0, sha256=hashlib.sha256().hexdigest()),
        },
        sha256=hashlib.sha256(b"".join(before)).hexdigest(),
    )
    note = SEAL.sign(totals.text(header, AUDIT), key_id=header.signing_key)
    return [*before, line_of({"end": note})]


def read(text: Iterable[bytes], *, signer: Signer | None = SEAL) -> tuple[list[Any], AuditState]:
    """Read everything."""
    reader = BackupReader(packed(text))
    rows = [row for _, found in reader.tables() for row in found]
    return rows, reader.finish(notes=SEAL, signer=signer)


def test_what_was_written_is_read() -> None:
    reader = BackupReader(packed(lines()))
    assert reader.header == HEADER
    found = [(table, list(rows)) for table, rows in reader.tables()]
    assert found == [(TABLE, [ROW]), (EMPTY, [])]
    assert reader.finish(notes=SEAL, signer=SEAL) == AUDIT
    assert [count.rows for count in reader.counts.values()] == [1, 0]


def test_without_a_root_key_damage_is_found_all_the_same() -> None:
    assert read(lines(), signer=None) == ([ROW], AUDIT)


def test_another_signature_is_refused() -> None:
    with pytest.raises(Broken):
        read([line.replace(b"\\u2014 bbb", b"\\u2014 ccc") for line in lines()])


@pytest.mark.parametrize("place", range(5))
def test_a_line_that_is_missing_is_found(place: int) -> None:
    text = lines()
    del text[place]
    with pytest.raises(BackupBroken):
        read(text)


@pytest.mark.parametrize("place", range(6))
def test_a_line_that_is_foreign_is_found(place: int) -> None:
    text = lines()
    text.insert(place, line_of({"new": 1}))
    with pytest.raises(BackupBroken):
        read(text)


def test_a_row_that_was_changed_is_found() -> None:
    with pytest.raises(BackupBroken, match="signed end"):
        read([line.replace(b'["text"', b'["test"') for line in lines()])


def test_a_row_that_was_added_is_found() -> None:
    text = lines()
    text.insert(2, text[2])
    with pytest.raises(BackupBroken, match="signed end"):
        read(text)


def test_a_table_that_stands_there_twice_is_refused() -> None:
    text = lines()
    with pytest.raises(BackupBroken, match="twice"):
        read([*text[:3], *text[1:]])


@pytest.mark.parametrize("rows", [(), (ROW, ROW)], ids=["a row less", "a row more"])
def test_what_was_exchanged_since_it_was_judged_is_refused_where_it_stands(rows: Any) -> None:
    judged = BackupReader(packed(lines()))
    for _, found in judged.tables():
        list(found)
    reader, taken = BackupReader(packed(lines(rows=rows)), judged=judged.counts), list[Any]()
    with pytest.raises(BackupBroken, match="exchanged"):
        taken.extend(row for _, found in reader.tables() for row in found)
    assert len(taken) <= 1


def test_a_table_that_was_not_judged_takes_no_row() -> None:
    reader = BackupReader(packed(lines()), judged={})
    with pytest.raises(BackupBroken, match="exchanged"):
        next(row for _, found in reader.tables() for row in found)


def test_what_is_not_read_to_its_end_is_not_finished() -> None:
    reader = BackupReader(packed(lines()))
    with pytest.raises(BackupBroken, match="read to its end"):
        reader.finish(notes=SEAL, signer=SEAL)


def test_an_end_of_an_unknown_form_is_refused() -> None:
    with pytest.raises(BackupBroken, match="no known form"):
        parse_audit("strongroom-b\nstrongroom backup 1\n")


@pytest.mark.parametrize("size", range(0, 600, 13))
def test_what_is_cut_off_is_found(size: int) -> None:
    whole = b"".join(packed(lines()))
    with pytest.raises(BackupBroken):
        read_packed([whole[: min(size, len(whole) - 1)]])


def read_packed(pieces: Iterable[bytes]) -> object:
    """Read what is packed already."""
    reader = BackupReader(pieces)
    found = [(table, list(rows)) for table, rows in reader.tables()]
    return reader.header, found, reader.finish(notes=SEAL, signer=SEAL)


def test_a_flipped_bit_anywhere_is_found_or_changes_nothing() -> None:
    whole = b"".join(packed(lines()))
    wanted, found = read_packed([whole]), 0
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            # Some bits of gzip mean nothing, such as those of the time (RFC 1952, section 2.3).
            assert read_packed([bytes(damaged)]) == wanted
        except Broken:
            found += 1
    assert found > 7 * len(whole)


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(BackupBroken, match="follows"):
        read_packed([*packed(lines()), b"x"])
    with pytest.raises(BackupBroken, match="follows"):
        read([*lines(), b"{}\n"])


@given(st.lists(st.binary(max_size=300_000).map(lambda b: b.replace(b"\n", b" ") + b"\n")))
def test_packed_lines_come_back(given_lines: list[bytes]) -> None:
    pieces = list(packed(given_lines))
    assert list(unpacked(pieces)) == given_lines
    assert gzip.decompress(b"".join(pieces)) == b"".join(given_lines)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_pieces_of_any_size_are_taken(size: int) -> None:
    whole = b"".join(packed(lines()))
    assert list(unpacked(whole[at : at + size] for at in range(0, len(whole), size))) == lines()


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(BackupBroken, match="middle of a line"):
        list(unpacked(packed([b"no end"])))


def test_a_line_that_never_ends_does_not_fill_the_memory() -> None:
    endless = packed(b"x" * 2**20 for _ in range(2 * MAX_LINE // 2**20))
    with pytest.raises(BackupBroken, match="longer"):
        list(unpacked(endless))


values = (
    st.none()
    | st.text()
    | st.integers()
    | st.booleans()
    | st.binary()
    | st.floats(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
)


@given(st.lists(values, min_size=len(COLUMNS), max_size=len(COLUMNS)).map(tuple))
def test_a_row_comes_back_whatever_is_in_its_columns(row: Any) -> None:
    codec = RowCodec(COLUMNS)
    line = codec.line(row)
    assert line.isascii()
    assert line.count(b"\n") == 1
    back = codec.parse(parse_line(line))
    assert back == row
    assert [type(value) for value in back] == [type(value) for value in row]


@pytest.mark.parametrize(
    "data",
    [
        "no list", [], [1] * 7, ["x", 1, "no base64!", None, None, None, None],
        ["x", 1, None, "no moment", None, None, None],
        ["x", 1, None, "2026-01-01T00:00:00", None, None, None],
        [{"text": "x", "more": 1}, 1, None, None, None, None, None],
        [{"unknown": 1}, 1, None, None, None, None, None],
        ["x", 1, None, None, None, {"real": 5}, None], ["x", 1, {"x": 1}, None, None, None, None],
        ["x", 1, None, {"x": 1}, None, None, None],
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_refused(data: Any) -> None:
    with pytest.raises(BackupBroken):
        RowCodec(COLUMNS).parse(data)


DAYS = RowCodec([Column(name="day", kind=Kind.DAY)])


@given(values)
def test_a_column_of_days_gives_back_what_was_in_it(value: Any) -> None:
    (back,) = DAYS.parse(parse_line(DAYS.line((value,))))
    assert (back, type(back)) == (value, type(value))


def test_a_day_is_written_as_a_day() -> None:
    assert DAYS.line((date(2026, 11, 24),)) == b'["2026-11-24"]\n'


@pytest.mark.parametrize("day", ["20261124", "2026-W48-2", "2026-13-01", "x", 1, {"day": 1}])
def test_what_is_no_day_is_refused(day: Any) -> None:
    with pytest.raises(BackupBroken):
        DAYS.parse([day])


def test_a_line_that_is_no_json_is_refused() -> None:
    for line in (b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(BackupBroken):
            parse_line(line)


@pytest.mark.parametrize(
    "change", [{"columns": [["a"]]}, {"columns": [["a", "no kind"]]}, {"last_id": "x"}]
)
def test_a_table_of_an_unknown_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BackupBroken):
        parse_table(parse_line(table_line(TABLE)) | change)


@pytest.mark.parametrize("header", [HEADER, replace(HEADER, root_key=None, root_key_text="hidden")])
def test_a_header_comes_back(header: Header) -> None:
    assert parse_header(parse_line(line_of(header.data()))) == header
    assert "hidden" not in repr(header)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "no backup"), ({}, "no backup"), ({"strongroom backup": "1"}, "no backup"),
        ({"strongroom backup": 2}, "newer"), ({"strongroom backup": 1}, "no known form"),
        (HEADER.data() | {"keys": [{}]}, "no known form"),
        (HEADER.data() | {"root_key": {"generation": "x"}}, "no known form"),
    ],
)  # fmt: skip
def test_a_header_of_another_form_is_refused(data: Any, told: str) -> None:
    with pytest.raises(BackupBroken, match=told):
        parse_header(data)


def test_moments_are_kept_to_the_microsecond_in_utc() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=2)))
    assert moment_text(moment) == "2026-01-02T01:04:05.678901Z"
    assert parse_moment("2026-01-02T03:04:05.678901+02:00") == moment
