"""Every root key that ships keeps the contract."""

from pathlib import Path

import pytest

from adapters.root_keys.file import FileRootKeySource
from adapters.root_keys.local import LocalRootKey
from adapters.testing.root_key import RootKeyContract
from domain.errors import SealBroken, WrongRootKey
from domain.ports.root_key import RootKey


def made(path: Path) -> RootKey:
    """Make a key file and load it."""
    source = FileRootKeySource(path)
    source.create()
    return source.load()


class TestKeyFile(RootKeyContract):
    @pytest.fixture
    def root_key(self, tmp_path: Path) -> RootKey:
        return made(tmp_path / "one.key")

    @pytest.fixture
    def other_root_key(self, tmp_path: Path) -> RootKey:
        return made(tmp_path / "other.key")


def test_a_wrapped_data_key_of_long_ago_still_unwraps() -> None:
    root_key = LocalRootKey(bytes(range(32)), source="test")
    wrapped = "rk1:4W-goB4xc3rNL88NzOaDmj9sQ_RbU1O7yVSe-C5qOk361SHF2C-7rJzy2WUvy1vgppV4fdMala_0EdLo"
    context = b"strongroom/sr1/data-key/0123456789abcdef"
    assert root_key.unwrap(wrapped, context=context) == bytes(range(32, 64))


def test_a_bare_token_of_an_earlier_backend_opens() -> None:
    # The token of the Fernet specification's generate.json, with its key.
    root_key = LocalRootKey(
        bytes.fromhex("730ff4c7af3d46923e8ed451ee813c87f790b0a226bc96a92de49b5e9c05e1ee"),
        source="test",
    )
    token = (
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64j"
        "VmpU4IwqDA=="
    )
    assert root_key.open_bare(token) == b"hello"
    with pytest.raises(SealBroken):
        root_key.open_bare(token[:-4] + "AA==")


def test_a_key_file_in_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(WrongRootKey, match="No such file"):
        FileRootKeySource(tmp_path / "nowhere" / "secret.key").create()


def test_a_draft_of_a_killed_process_is_cleared_away(tmp_path: Path) -> None:
    stale = tmp_path / ".secret.key.0123456789abcdef.draft"
    stale.touch()
    FileRootKeySource(tmp_path / "secret.key").create()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
