"""Root keys that something else hands to the process: a variable, a file, a credential."""

import os
from pathlib import Path

import pytest

from adapters.root_keys import closed_file
from adapters.root_keys.credential import CredentialRootKeySource
from adapters.root_keys.environment import EnvironmentRootKeySource
from adapters.testing.root_key import RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import WrongRootKey
from domain.ports.root_key import BareTokenOpener, RootKey
from domain.ports.root_key_source import RootKeySource
from entrypoints import configuration
from tests.root_key_use import copied, value_after_a_new_start

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER = "HxscHRoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwIBAP8="


def written(path: Path, text: str = KEY, mode: int = 0o600) -> Path:
    """Write a file of that mode."""
    path.write_text(text)
    path.chmod(mode)
    return path


class TestVariable(RootKeyContract):
    @pytest.fixture
    def root_key(self, monkeypatch: pytest.MonkeyPatch) -> RootKey:
        monkeypatch.setenv("STRONGROOM_KEY", KEY)
        return EnvironmentRootKeySource.at("STRONGROOM_KEY").load()

    @pytest.fixture
    def other_root_key(self, monkeypatch: pytest.MonkeyPatch) -> RootKey:
        monkeypatch.setenv("OTHER_KEY", OTHER)
        return EnvironmentRootKeySource.at("OTHER_KEY").load()


class TestCredential(RootKeyContract):
    @pytest.fixture
    def root_key(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RootKey:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        written(tmp_path / "root.key", f"{KEY}\n", 0o440)
        return CredentialRootKeySource.at("root.key").load()

    @pytest.fixture
    def other_root_key(self, tmp_path: Path) -> RootKey:
        written(tmp_path / "other", OTHER, 0o400)
        return CredentialRootKeySource.at("other").load()


class TestCredentialSource(RootKeySourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RootKeySource:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        written(tmp_path / "root.key")
        return CredentialRootKeySource.at("root.key")


def test_a_value_survives_a_new_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_KEY", KEY)
    source = EnvironmentRootKeySource.at("STRONGROOM_KEY")
    assert value_after_a_new_start(source, copied(source)) == "the value"


def test_a_variable_can_name_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_KEY_FILE", str(written(tmp_path / "key", f"{KEY}\n")))
    monkeypatch.setenv("APP_KEY_2", KEY)
    from_file = EnvironmentRootKeySource.at("APP_KEY").load()
    assert from_file == EnvironmentRootKeySource.at("APP_KEY_2").load()
    assert isinstance(from_file, BareTokenOpener)


def test_a_file_behind_links_is_read_as_kubernetes_lays_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv("APP_KEY_FILE", str(tmp_path / "link"))
    assert EnvironmentRootKeySource.at("APP_KEY").load()


@pytest.mark.parametrize(
    ("path", "flags", "handed_in"),
    [
        ("/run/secrets/key", 0, True),
        ("/var/run/secrets/app/key", 0, True),
        ("/etc/app/key", os.ST_RDONLY, True),
        ("/etc/app/key", 0, False),
        ("/run/secrets/../key", 0, False),
        ("/run/secretsandmore/key", 0, False),
    ],
)
def test_modes_do_not_count_only_where_a_container_was_handed_the_file(
    path: str, flags: int, handed_in: bool
) -> None:
    assert closed_file.is_handed_in(Path(path), flags) is handed_in


def test_a_file_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_KEY_FILE", str(written(tmp_path / "key", mode=0o640)))
    with pytest.raises(WrongRootKey, match="chmod 600"):
        EnvironmentRootKeySource.at("APP_KEY").load()


def test_a_variable_and_a_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_KEY", KEY)
    monkeypatch.setenv("APP_KEY_FILE", "/nowhere")
    with pytest.raises(WrongRootKey, match="given twice, by APP_KEY and by APP_KEY_FILE"):
        EnvironmentRootKeySource.at("APP_KEY").load()


def test_neither_is_refused_with_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APP_KEY", raising=False)
    with pytest.raises(WrongRootKey, match="neither APP_KEY nor APP_KEY_FILE is set"):
        EnvironmentRootKeySource.at("APP_KEY").load()


@pytest.mark.parametrize("text", ["", "hidden", KEY[:-1], f" {KEY}", f"{KEY}\n\n", "hidden\udcff"])
def test_what_is_no_key_is_refused_and_not_repeated(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_KEY", text)
    with pytest.raises(WrongRootKey, match="the environment variable APP_KEY does not") as caught:
        EnvironmentRootKeySource.at("APP_KEY").load()
    assert not text or text not in str(caught.value)


def test_a_key_in_the_place_of_a_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(WrongRootKey, match="takes the name") as caught:
        EnvironmentRootKeySource.at(KEY)
    assert KEY not in str(caught.value)


def test_a_credential_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(WrongRootKey, match="LoadCredential"):
        CredentialRootKeySource.at("root.key").load()


def test_a_credential_without_systemd_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(WrongRootKey, match="CREDENTIALS_DIRECTORY is not set"):
        CredentialRootKeySource.at("root.key").load()


@pytest.mark.parametrize("name", ["", ".", "..", "../key", "a/b", "/etc/key", "a\0b"])
def test_a_credential_is_one_name(name: str) -> None:
    with pytest.raises(WrongRootKey, match="without a path"):
        CredentialRootKeySource.at(name)


def test_the_variables_of_the_root_key_are_no_settings() -> None:
    names = configuration.names_of_root_key("env:STRONGROOM_KEY")
    assert names == {"STRONGROOM_KEY", "STRONGROOM_KEY_FILE"}


@pytest.mark.parametrize("root_key", [None, "", "file:x", "env:STRONGROOM_PORT", 7])
def test_no_other_variable_escapes_the_check(root_key: object) -> None:
    assert configuration.names_of_root_key(root_key) == frozenset()
