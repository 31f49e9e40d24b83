"""The text of a journal: a first line, then one line for each unit of work.

A line is a checksum (CRC-32 of what follows, eight hexadecimal digits), a blank, and the changes
in JSON, where a line end cannot stand. Never pickled: whoever can write the file must not be able
to run anything.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec

from adapters.memory import Change, row_types
from domain.errors import StartRefused
from domain.secrets.secret import Secret

REVISION = "1"
"""The form of the text. Another form gets another number, and an upgrade from this one."""

FIRST_LINE = f"strongroom journal {REVISION}\n".encode()

_FIRST_LINE = re.compile(rb"strongroom journal ([0-9]{1,9})\n")
_START = re.compile(rb"[0-9a-f]{8} \[")
_CHECKSUM_BYTES = 8

_changes = msgspec.json.Decoder(list[tuple[str, msgspec.Raw, msgspec.Raw]])
_keys = {name: msgspec.json.Decoder(key) for name, (key, _) in row_types().items()}
_rows = {name: msgspec.json.Decoder(row | None) for name, (_, row) in row_types().items()}


class Damaged(Exception):
    """A line does not fit its checksum."""


def revision_of(text: bytes) -> str | None:
    """Return the revision of a journal, or `None` where there is not even a whole first line.

    Raises:
        StartRefused: it is no journal, or of a newer version.
    """
    if FIRST_LINE.startswith(text) and text != FIRST_LINE:
        return None
    match = _FIRST_LINE.match(text)
    if match is None:
        raise StartRefused("the file that 'database_url' names is no journal")
    if match[1].decode() != REVISION:
        raise StartRefused("the journal is of a newer version of strongroom-journal; install that")
    return REVISION


def render(changes: Sequence[Change]) -> bytes:
    """Return the line of a unit of work."""
    triples = [(change.table, change.key, change.row) for change in changes]
    text = msgspec.json.encode(triples, enc_hook=_plain)
    return b"%s %s\n" % (_checksum(text), text)


def parse(text: bytes) -> tuple[Sequence[Change], int]:
    """Return the changes of a journal, and where its last whole line ends.

    What stands behind that was torn when the machine or the process stopped. Nothing is written
    behind a line that is not on the disk, so there is no whole one behind a torn one.

    Raises:
        StartRefused: a line is damaged, or says what this version does not know.
    """
    changes: list[Change] = []
    place = len(FIRST_LINE)
    while (end := text.find(b"\n", place)) >= 0:
        try:
            changes += _parse_line(text[place:end])
        except Damaged:
            if _has_whole_line(text, place + 1):
                raise StartRefused(
                    f"the journal is damaged at byte {place}; restore a copy, nothing was changed"
                ) from None
            break
        except (msgspec.DecodeError, KeyError) as error:
            raise StartRefused(
                "the journal was written by another version of Strongroom; start that version"
            ) from error
        place = end + 1
    return changes, place


def _parse_line(line: bytes) -> list[Change]:
    """Return the changes of one line, without its line end."""
    if not _is_whole(line):
        raise Damaged
    return [
        Change(table, _keys[table].decode(key), _frozen(_rows[table].decode(row)))
        for table, key, row in _changes.decode(line[_CHECKSUM_BYTES + 1 :])
    ]


def _has_whole_line(text: bytes, place: int) -> bool:
    """Tell whether a line begins at or behind a place; the line end before it may be damaged."""
    starts = (match.start() for match in _START.finditer(text, place))
    return any(_is_whole(text[start : text.find(b"\n", start)]) for start in starts)


def _is_whole(line: bytes) -> bool:
    """Tell whether a line, without its line end, fits its checksum."""
    start = _CHECKSUM_BYTES + 1
    return line[:start] == _checksum(line[start:]) + b" "


def _checksum(text: bytes) -> bytes:
    """Return the checksum of a line's changes."""
    return b"%08x" % zlib.crc32(text)


def _plain(thing: object) -> object:
    """Return what JSON has no word for as something that it has."""
    if isinstance(thing, MappingProxyType):
        return dict(thing)
    raise NotImplementedError


def _frozen(row: Any) -> Any:
    """Return a row whose tags cannot be changed by those that it is handed to."""
    return replace(row, tags=MappingProxyType(row.tags)) if isinstance(row, Secret) else row
