"""The canonical line of an entry comes out the same for ever, and is one line whatever it holds."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.testing.examples import event
from domain.access.action import Action
from domain.audit.encoding import accept_event, entry_leaf, entry_line, moment, record_line
from domain.audit.event import AuditEntry, AuditEvent, Outcome, Subject
from domain.audit.merkle import leaf_hash
from domain.audit.record import AuditRecord
from tests.fakes import START

VECTORS = json.loads((Path(__file__).parent / "vectors" / "audit_entries.json").read_text("utf-8"))
SUBJECT = ("reference", "name", "version", "revision", "digest", "facts")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


def entry_of(fields: dict[str, object]) -> AuditEntry:
    """Return the entry that a vector describes."""
    given = dict(fields)
    uid = given.pop("uid")
    subject = Subject(
        uid=None if uid is None else bytes.fromhex(str(uid)),
        **{name: given.pop(name) for name in SUBJECT if name in given},  # type: ignore[arg-type]
    )
    return AuditEntry(
        number=int(str(given.pop("number"))),
        event=AuditEvent(
            at=datetime.fromisoformat(str(given.pop("at"))),
            action=Action(given.pop("action")),
            outcome=Outcome(given.pop("outcome")),
            subject=subject,
            **given,  # type: ignore[arg-type]
        ),
    )


@pytest.mark.parametrize("known", VECTORS, ids=[known["about"] for known in VECTORS])
def test_an_entry_comes_out_as_it_always_has(known: dict[str, object]) -> None:
    fields = known["entry"]
    assert isinstance(fields, dict)
    entry = entry_of(fields)
    assert entry_line(entry) == known["line"]
    assert entry_leaf(entry).hex() == known["leaf"]


@given(TEXTS, TEXTS, TEXTS)
def test_no_text_ends_the_line_or_reaches_a_terminal(one: str, two: str, three: str) -> None:
    changed = event(rule=one, reason=two, subject=Subject(name=three))
    accept_event(changed)
    line = entry_line(AuditEntry(number=1, event=changed))
    assert line.isascii()
    assert line.isprintable()
    told = json.loads(line)
    assert (told["rule"], told["reason"], told["name"]) == (one, two, three)
    assert line == json.dumps(told, separators=(",", ":"), ensure_ascii=True)


@given(st.lists(st.sampled_from(["\x00", "\n", '"', "\\", "a", "é"]), min_size=2, max_size=2))
def test_texts_that_differ_give_lines_that_differ(texts: list[str]) -> None:
    one, two = (
        entry_leaf(AuditEntry(number=1, event=event(rule=text, reason="".join(texts))))
        for text in texts
    )
    assert (one == two) is (texts[0] == texts[1])


def test_what_no_store_keeps_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        accept_event(event(subject=Subject(name="\udc80")))


def test_a_moment_is_written_in_utc() -> None:
    assert moment(START) == "2026-11-23T12:00:00.000000Z"
    assert moment(START.astimezone(timezone(timedelta(hours=5)))) == moment(START)


def test_a_place_without_an_entry_has_a_line_too() -> None:
    leaf = leaf_hash(b"x")
    erased = AuditRecord(number=7, leaf=leaf, entry=None, erased=True)
    assert json.loads(record_line(erased)) == {"tag": "erased", "number": 7, "leaf": leaf.hex()}
    damaged = AuditRecord(number=7, leaf=leaf, entry=None)
    assert json.loads(record_line(damaged))["tag"] == "damaged"
    entry = AuditEntry(number=7, event=event())
    assert record_line(AuditRecord(number=7, leaf=leaf, entry=entry)) == entry_line(entry)
