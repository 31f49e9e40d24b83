"""The root key that is stretched out of a passphrase."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.root_keys.passphrase import PassphraseRootKeySource, canonical
from adapters.root_keys.stretched import RECOMMENDED, Costs, StretchedRootKey
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from tests.root_key_use import copied, value_after_a_new_start

VECTORS = json.loads((Path(__file__).parent / "vectors" / "passphrase.json").read_text("utf-8"))
CHEAP = Costs(memory=19_456, passes=2, lanes=1)
PHRASE = "correct horse battery staple"
BARE = b"correct horse battery staple"


class Typist:
    """Types one answer after another, and remembers what it was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self._answers.pop(0)


def typed(*answers: str) -> PassphraseRootKeySource:
    """Return a source on whose terminal these answers are typed."""
    return PassphraseRootKeySource(None, ask=Typist(*answers), costs=CHEAP)


def written(path: Path, content: bytes, mode: int = 0o600) -> PassphraseRootKeySource:
    """Return a source that reads a file with this content."""
    path.write_bytes(content)
    path.chmod(mode)
    return PassphraseRootKeySource.at(str(path))


class TestPassphrase(RootKeyContract):
    @pytest.fixture
    def root_key(self) -> RootKey:
        return StretchedRootKey(BARE, source="passphrase:", costs=CHEAP)

    @pytest.fixture
    def other_root_key(self) -> RootKey:
        return StretchedRootKey(b"incorrect horse battery staple", source="passphrase:")


class TestTypedPassphrase(RootKeySourceContract):
    @pytest.fixture
    def source(self) -> RootKeySource:
        source = PassphraseRootKeySource(None, costs=CHEAP, ask=Typist(PHRASE, PHRASE))
        source.create()
        return source


@pytest.mark.parametrize("vector", VECTORS["wrapped"], ids=lambda vector: vector["is"])
def test_what_was_wrapped_long_ago_still_unwraps(vector: dict[str, Any]) -> None:
    root_key = StretchedRootKey(canonical(vector["passphrase"]), source="passphrase:")
    context = vector["context"].encode()
    assert root_key.unwrap(vector["wrapped"], context=context).hex() == vector["data_key"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["is"])
def test_a_form_that_nobody_makes_is_refused(vector: dict[str, Any]) -> None:
    root_key = StretchedRootKey(canonical(vector["passphrase"]), source="passphrase:")
    with pytest.raises(WrongRootKey):
        root_key.unwrap(vector["wrapped"], context=vector["context"].encode())


def test_a_new_key_is_wrapped_at_the_recommended_costs() -> None:
    wrapped = StretchedRootKey(BARE, source="passphrase:").wrap(DATA_KEY, context=CONTEXT)
    assert wrapped.startswith("rk2:argon2id:m=65536,t=3,p=4:")
    assert str(RECOMMENDED) == "m=65536,t=3,p=4"


def test_keys_are_wrapped_under_the_salt_that_was_seen_last() -> None:
    first = StretchedRootKey(BARE, source="passphrase:", costs=CHEAP)
    wrapped = first.wrap(DATA_KEY, context=CONTEXT)
    second = StretchedRootKey(BARE, source="passphrase:", costs=CHEAP)
    second.unwrap(wrapped, context=CONTEXT)
    again = second.wrap(DATA_KEY, context=CONTEXT)
    assert again.split(":")[:4] == wrapped.split(":")[:4]
    assert again != wrapped


def test_a_row_that_does_not_open_cannot_choose_the_salt() -> None:
    planted = StretchedRootKey(b"somebody else's passphrase", source="-", costs=CHEAP)
    root_key = StretchedRootKey(BARE, source="passphrase:", costs=CHEAP)
    row = planted.wrap(DATA_KEY, context=CONTEXT)
    with pytest.raises(WrongRootKey):
        root_key.unwrap(row, context=CONTEXT)
    assert root_key.wrap(DATA_KEY, context=CONTEXT).split(":")[3] != row.split(":")[3]


def test_cheaper_costs_of_an_earlier_store_are_not_kept_for_new_keys() -> None:
    wrapped = StretchedRootKey(BARE, source="-", costs=CHEAP).wrap(DATA_KEY, context=CONTEXT)
    root_key = StretchedRootKey(BARE, source="passphrase:")
    root_key.unwrap(wrapped, context=CONTEXT)
    assert root_key.wrap(DATA_KEY, context=CONTEXT).split(":")[2] == str(RECOMMENDED)


@pytest.mark.parametrize(
    ("memory", "passes", "lanes"),
    [
        (19_455, 3, 4),
        (65_536, 1, 4),
        (65_536, 3, 0),
        (1 << 21, 3, 4),
        (65_536, 11, 4),
        (65_536, 3, 17),
    ],
)
def test_costs_have_bounds(memory: int, passes: int, lanes: int) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        Costs(memory=memory, passes=passes, lanes=lanes)


def test_a_new_store_asks_twice_and_then_not_again() -> None:
    source = typed(PHRASE, PHRASE)
    assert not source.exists()
    source.create()
    assert source.exists()
    assert source.load() is source.load()


def test_two_passphrases_that_differ_make_nothing() -> None:
    source = typed(PHRASE, PHRASE + "!")
    with pytest.raises(WrongRootKey, match="differ"):
        source.create()
    assert not source.exists()


def test_a_known_store_asks_once() -> None:
    assert typed(PHRASE).load().source == "passphrase:"


def test_what_cannot_be_a_passphrase_is_asked_for_again() -> None:
    typist = Typist("", "too short", PHRASE)
    PassphraseRootKeySource(None, ask=typist, costs=CHEAP).load()
    assert (
        typist.asked[1:]
        == ["a passphrase has at least 15 characters; passphrase of the root key: "] * 2
    )


def test_asking_ends() -> None:
    with pytest.raises(WrongRootKey, match="at least 15 characters"):
        typed("", "", "", PHRASE).load()


def test_a_mistyped_passphrase_gets_one_clear_message() -> None:
    with pytest.raises(WrongRootKey, match=r"it is mistyped, or.*nothing was changed") as caught:
        value_after_a_new_start(typed(PHRASE), typed("correct horse battery stapel"))
    assert "horse" not in str(caught.value)


def test_a_worker_is_handed_what_was_typed_and_stretched() -> None:
    source = typed(PHRASE)
    wrapped = source.load().wrap(DATA_KEY, context=CONTEXT)
    source._ask = _never
    copy = copied(source)
    root_key = copy.load()
    assert isinstance(root_key, StretchedRootKey)
    stretched = dict(root_key._keys)
    assert root_key.unwrap(wrapped, context=CONTEXT) == DATA_KEY
    assert root_key._keys == stretched


def _never(prompt: str) -> str:
    """Stand for a terminal that a worker does not have."""
    raise AssertionError(prompt)


def test_a_value_survives_a_new_start(tmp_path: Path) -> None:
    source = written(tmp_path / "phrase", PHRASE.encode() + b"\n")
    assert value_after_a_new_start(source, typed(PHRASE)) == "the value"


def test_neither_repr_nor_str_shows_the_passphrase() -> None:
    source = typed(PHRASE)
    assert "horse" not in f"{source!r} {source} {source.load()!r} {source.uri}"


def test_the_same_characters_of_two_keyboards_are_the_same_passphrase() -> None:
    assert canonical("cafe\u0301 au lait, merci") == canonical("café au lait, merci")


@pytest.mark.parametrize(
    "text", ["x" * 14, "x" * 1025, "two lines\nof one passphrase", "lone surrogate here \udcff"]
)
def test_what_cannot_be_a_passphrase_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="a passphrase") as caught:
        canonical(text)
    assert text not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 20, b"line one is long\nline two"])
def test_a_file_without_a_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(WrongRootKey, match="the passphrase file"):
        written(tmp_path / "phrase", content).load()


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongRootKey, match="chmod 600"):
        written(tmp_path / "phrase", PHRASE.encode(), 0o644).load()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    source = PassphraseRootKeySource.at(str(tmp_path / "phrase"))
    assert not source.exists()
    with pytest.raises(WrongRootKey, match="is missing"):
        source.create()
    assert not source.exists()


ASK = "from adapters.root_keys.passphrase import *; print(repr(ask_on_terminal('say: ')))"


def test_what_is_typed_on_a_terminal_is_read_and_not_shown() -> None:
    keyboard, terminal = os.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        start_new_session=True,
    )
    shown = os.read(keyboard, 100)
    os.write(keyboard, b"what is typed\n")
    output, _ = asking.communicate(timeout=20)
    os.close(terminal)
    shown += os.read(keyboard, 100)
    os.close(keyboard)
    assert output == b"'what is typed'\n"
    assert shown.strip() == b"say:"


def test_without_a_terminal_there_is_a_clear_error() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        start_new_session=True,
        timeout=20,
    )
    assert asked.returncode == 1
    assert b"there is no terminal to ask for the passphrase" in asked.stderr
