"""The small rules of what a secret is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.errors import InvalidInput, NotFound
from domain.secrets.generation import ALPHABETS, Recipe
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import accept_description, accept_expiry, accept_tags
from domain.secrets.version import accept_version
from tests.fakes import START
from tests.house import House

DAY = timedelta(days=1)


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_an_id_that_no_column_holds_is_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        SecretId(number)


@pytest.mark.parametrize("number", [0, -1, 2**31])
def test_a_version_that_no_column_holds_is_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        accept_version(number)


def test_references_are_shown_as_the_audit_log_has_them() -> None:
    assert str(SecretId(7)) == "id 7"
    assert str(ByName("a/b")) == "a/b"


@pytest.mark.parametrize("text", [None, "", "x" * 4096, "two\nlines"])
def test_a_description_is_taken_as_it_is(text: str | None) -> None:
    assert accept_description(text) == text


@pytest.mark.parametrize("text", ["x" * 4097, "\x00", "\ud800"])
def test_a_bad_description_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        accept_description(text)


def test_tags_are_copied() -> None:
    given = {"env": "prod"}
    kept = accept_tags(given)
    given["env"] = "test"
    assert kept == {"env": "prod"}
    assert accept_tags(None) == accept_tags({}) == {}


@pytest.mark.parametrize(
    "tags",
    [
        {"": "v"}, {"k" * 65: "v"}, {"a=b": "v"}, {"k": "v" * 257}, {"k": "a\nb"}, {"k\x00": "v"},
        {"k": "\ud800"}, {f"{number}": "" for number in range(51)},
    ],
)  # fmt: skip
def test_bad_tags_are_refused(tags: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        accept_tags(tags)


def test_an_expiry_is_kept_in_utc() -> None:
    given = datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert accept_expiry(given, START) == datetime(2030, 1, 1, tzinfo=UTC)
    assert accept_expiry(None, START) is None


@pytest.mark.parametrize(
    "moment",
    [
        START,
        START - DAY,
        datetime(2030, 1, 1),  # noqa: DTZ001  that is the case
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    ],
    ids=["now", "past", "without a zone", "past every calendar"],
)
def test_a_bad_expiry_is_refused(moment: datetime) -> None:
    with pytest.raises(InvalidInput):
        accept_expiry(moment, START)


@pytest.mark.parametrize(("length", "alphabet"), [(7, "hex"), (1025, "hex"), (32, "unknown")])
def test_a_recipe_that_cannot_be_followed_is_refused(length: int, alphabet: str) -> None:
    with pytest.raises(InvalidInput):
        Recipe(length=length, alphabet=alphabet)


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_an_alphabet_has_no_character_twice_and_none_that_needs_quoting(alphabet: str) -> None:
    characters = Recipe(alphabet=alphabet).characters
    assert len(set(characters)) == len(characters)
    assert set(characters).isdisjoint("\"'\\` ")


def test_a_secret_does_not_show_its_seal(house: House) -> None:
    created = house.create()
    assert created.sealed not in repr(created)
