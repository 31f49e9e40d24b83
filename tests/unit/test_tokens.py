"""What a token looks like, and when it counts."""

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.credential import Credential
from domain.access.principal import Principal, PrincipalKind, accept_principal
from domain.access.token import Token, accept_networks
from domain.errors import InvalidInput
from tests.fakes import START

MINUTE = timedelta(minutes=1)
TOKEN = Token(
    principal="ci", digest=b"d" * 32, hint="srt_abcd", created_at=START, created_by="admin"
)


@given(st.binary(min_size=32, max_size=32))
def test_a_minted_token_is_well_formed(random: bytes) -> None:
    token = Credential.minted(random)
    assert token.is_well_formed
    assert len(token.reveal()) == 53
    assert token.reveal().startswith(token.hint)
    assert token.reveal() not in repr(token)


@given(st.binary(min_size=32, max_size=32), st.integers(4, 52), st.sampled_from("09AZaz"))
def test_a_token_with_another_letter_is_not(random: bytes, place: int, letter: str) -> None:
    text = Credential.minted(random).reveal()
    changed = text[:place] + letter + text[place + 1 :]
    assert Credential(changed).is_well_formed == (changed == text)


@pytest.mark.parametrize("text", ["", "srt_", "srt_" + "0" * 49, "é" * 53, "srt_" + "0" * 50])
def test_what_cannot_be_a_token_is_told_without_a_secret(text: str) -> None:
    assert not Credential(text).is_well_formed


def test_a_known_token() -> None:
    token = Credential.minted(bytes(range(32)))
    assert token.reveal() == "srt_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP"


def test_a_token_is_made_of_enough_and_not_written_down() -> None:
    with pytest.raises(ValueError, match="32"):
        Credential.minted(b"short")
    with pytest.raises(TypeError):
        pickle.dumps(Credential.minted(bytes(32)))


@pytest.mark.parametrize(
    ("changes", "address", "fault"),
    [
        ({}, "-", None),
        ({"revoked_at": START}, "127.0.0.1", "revoked"),
        ({"expires_at": START}, "127.0.0.1", "expired"),
        ({"expires_at": START + MINUTE}, "127.0.0.1", None),
        ({"networks": ("10.0.0.0/8", "::1/128")}, "10.1.2.3", None),
        ({"networks": ("10.0.0.0/8",)}, "::ffff:10.1.2.3", None),
        ({"networks": ("10.0.0.0/8",)}, "11.1.2.3", "networks"),
        ({"networks": ("10.0.0.0/8",)}, "::1", "networks"),
        ({"networks": ("10.0.0.0/8",)}, "-", "networks"),
    ],
)
def test_when_a_token_counts(changes: dict[str, object], address: str, fault: str | None) -> None:
    found = replace(TOKEN, **changes).fault(now=START, address=address)  # type: ignore[arg-type]
    assert (fault is None) == (found is None)
    assert (fault or "") in (found.reason if found else "")


def test_the_last_use_is_noted_once_a_minute() -> None:
    assert TOKEN.is_use_to_be_noted(START)
    used = replace(TOKEN, last_used_at=START)
    assert not used.is_use_to_be_noted(START + MINUTE / 2)
    assert used.is_use_to_be_noted(START + MINUTE)


def test_networks_have_one_form() -> None:
    assert accept_networks(("10.0.0.1", "0:0::1/128")) == ("10.0.0.1/32", "::1/128")
    for wrong in (("10.0.0.1/8",), ("everywhere",), ("::1",) * 17):
        with pytest.raises(InvalidInput):
            accept_networks(wrong)


@pytest.mark.parametrize("name", ["", "Alice", "a b", "-a", "local", "x" * 129, "é", "a/b", "a\n"])
def test_what_names_no_principal_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        accept_principal(name)
    with pytest.raises(InvalidInput):
        Principal(name=name, kind=PrincipalKind.SERVICE, created_at=START)


@pytest.mark.parametrize("name", ["a", "alice@example.org", "ci-runner.2", "x" * 128])
def test_what_names_a_principal_is_taken(name: str) -> None:
    assert accept_principal(name) == name
