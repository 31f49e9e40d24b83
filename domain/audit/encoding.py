"""The canonical form of an entry: what is hashed, listed, exported and handed to sinks.

It is one line of JSON in printable ASCII. So no name can end a line or reach a terminal as a
control character, and whoever checks an entry hashes the line as it stands.
"""

import json
from datetime import UTC, datetime

from domain.audit.event import AuditEntry, AuditEvent
from domain.audit.merkle import leaf_hash
from domain.audit.record import AuditRecord

TAG = "sa1"
"""The form of an entry. What stands in logs must come out the same for ever."""

_quoted = json.encoder.encode_basestring_ascii
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def entry_line(entry: AuditEntry) -> str:
    """Return the canonical line of an entry, without a line end."""
    event, subject = entry.event, entry.event.subject
    # The order never changes and nothing is taken away. A field that comes later stands behind
    # these, and only in entries that have it, so that those of before keep their hashes.
    # Written out, because every call makes one, and an encoder takes twice as long.
    line = (
        f'{{"tag":"{TAG}","number":{entry.number},"at":"{moment(event.at)}"'
        f',"request_id":{_text(event.request_id)},"principal":{_text(event.principal)}'
        f',"address":{_text(event.address)},"action":"{event.action.value}"'
        f',"outcome":"{event.outcome.value}","rule":{_text(event.rule)}'
        f',"reason":{_text(event.reason)},"reference":{_text(subject.reference)}'
        f',"uid":{_text(None if subject.uid is None else subject.uid.hex())}'
        f',"name":{_text(subject.name)},"version":{_number(subject.version)}'
        f',"revision":{_number(subject.revision)},"digest":{_text(subject.digest)}'
    )
    return f"{line}}}" if subject.facts is None else f'{line},"facts":{_text(subject.facts)}}}'


def _text(text: str | None) -> str:
    """Write a text in printable ASCII, or `null`."""
    return "null" if text is None else _quoted(text)


def _number(number: int | None) -> str:
    """Write a whole number, or `null`."""
    return "null" if number is None else str(number)


def accept_event(event: AuditEvent) -> None:
    """See that an event can be stored, before it shares a statement with others.

    Raises:
        UnicodeEncodeError: a text holds a lone surrogate.
    """
    subject = event.subject
    texts = (event.request_id, event.principal, event.address, event.rule, subject.reference)
    "".join((*texts, event.reason or "", subject.name or "")).encode()


def entry_leaf(entry: AuditEntry) -> bytes:
    """Return the leaf hash of an entry."""
    return leaf_hash(entry_line(entry).encode("ascii"))


def record_line(record: AuditRecord) -> str:
    """Return the line of a place in the log, also where there is no entry to be read."""
    if record.entry is not None:
        return entry_line(record.entry)
    tag = "erased" if record.erased else "damaged"
    return _encode({"tag": tag, "number": record.number, "leaf": record.leaf.hex()})


def moment(at: datetime) -> str:
    """Write a moment in UTC (RFC 3339), to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
