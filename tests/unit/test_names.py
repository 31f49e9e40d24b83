import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.secrets.name import SecretName, fault
from domain.secrets.reference import ByName

GOOD = [
    "a",
    "db-password",
    "prod/payments/db",
    "with blank",
    "Ünïcödé",
    "鍵",
    "🗝",
    "...",
    "a" * 255,
]

BAD = {
    "empty": "",
    "256 characters": "a" * 256,
    "a newline": "a\nb",
    "NUL": "\x00",
    "delete": "a\x7f",
    "a C1 control": "a\x85b",
    "a zero-width joiner": "a\u200db",
    "a soft hyphen": "a\u00adb",
    "a direction override": "a\u202eb",
    "a tag character": "a\U000e0041",
    "a private-use character": "a\ue000",
    "an unassigned character": "a\u0378",
    "a line separator": "a\u2028b",
    "a Hangul filler": "a\u3164",
    "a braille blank": "a\u2800",
    "a variation selector": "a\ufe0f",
    "a variation selector of the supplement": "a\U000e0100",
    "a lone surrogate": "a\ud800",
    "decomposed letters": "e\u0301",
    "a compatibility letter that NFC changes": "\u212b",
    "a blank in front": " a",
    "a blank behind": "a ",
    "a no-break space behind": "a\u00a0",
    "a slash in front": "/a",
    "a slash behind": "a/",
    "two slashes": "a//b",
    "a dot segment": "./a",
    "a dot-dot segment": "a/..",
    "only a slash": "/",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_good_name_is_taken_as_it_is(text: str) -> None:
    assert str(SecretName(text)) == text


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_bad_name_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SecretName(text)
    assert caught.value.field == "name"
    assert caught.value.reason.startswith("must")


@given(st.text(max_size=30))
def test_an_accepted_name_is_canonical(text: str) -> None:
    if fault(text) is None:
        assert unicodedata.normalize("NFC", text) == text
        assert text.strip() == text
        assert all(segment not in {"", ".", ".."} for segment in text.split("/"))


@given(st.text(max_size=30))
def test_the_rule_never_repeats_what_it_was_given(text: str) -> None:
    reason = fault(text)
    if reason is not None and len(text) > 3:
        assert text not in reason


def test_a_name_of_an_earlier_backend_can_be_asked_for() -> None:
    assert ByName("a//b").text == "a//b"


@pytest.mark.parametrize("text", ["", "a" * 256, "\ud800"])
def test_what_no_store_can_hold_cannot_be_asked_for(text: str) -> None:
    with pytest.raises(InvalidInput):
        ByName(text)
