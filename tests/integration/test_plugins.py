"""Only what the settings name is loaded, and nothing takes the place of what fails."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import StartRefused, UnknownFormat
from entrypoints import chosen, plugins
from entrypoints.container import Container
from entrypoints.preparation import prepare
from entrypoints.settings import Settings
from tests.packages import RENAMED, put


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, for packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def ciphers(site: Path, package: str, code: str, **names: str) -> None:
    module = package.replace("-", "_")
    places = {name: f"{module}:{thing}" for name, thing in names.items()}
    put(site, package, code=code, offers={"strongroom.ciphers": places})


def root_keys(site: Path, package: str, code: str) -> None:
    place = f"{package.replace('-', '_')}:at"
    put(site, package, code=code, offers={"strongroom.root_keys": {"chest": place}})


def stores(site: Path, package: str, code: str) -> None:
    place = f"{package.replace('-', '_')}:at"
    put(site, package, code=code, offers={"strongroom.storage": {"chest": place}})


def refusal(build: Callable[[Settings], object], **settings: str) -> str:
    """Return why the settings are refused."""
    with pytest.raises(StartRefused) as caught:
        build(Settings(**settings))  # type: ignore[arg-type]  # texts only
    return str(caught.value)


def test_a_cipher_of_somebody_else_seals(site: Path, tmp_path: Path) -> None:
    ciphers(site, "their-cipher", RENAMED.format(cls="Theirs", name="theirs"), theirs="Theirs")
    container = Container(settings=Settings(cipher="theirs", data_dir=tmp_path / "data"))
    prepare(container)
    assert container.sealer().cipher == "theirs"


def test_what_is_not_named_is_not_imported(site: Path) -> None:
    ciphers(site, "unused-cipher", "raise SystemExit('imported')", unused="Any")
    known = chosen.build_ciphers(Settings())
    assert {"unused", "fernet"} <= set(known)
    assert "unused_cipher" not in sys.modules


@pytest.mark.parametrize(
    ("build", "settings", "known"),
    [
        (chosen.build_ciphers, {"cipher": "hidden"}, "aes-256-gcm, chacha20-poly1305, fernet"),
        (chosen.build_store, {"database_url": "hidden://u:hidden@h"}, "sqlite"),
        (chosen.build_own_root_key_source, {"root_key": "hidden"}, "file"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    build: Callable[[Settings], object], settings: dict[str, str], known: str
) -> None:
    said = refusal(build, **settings)
    assert next(iter(settings)) in said
    assert known in said
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import what_is_not_there", "ModuleNotFoundError: No module named 'what_is_not_there'"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("", "AttributeError"),
        ("at = dict", "gives a dict, which is no Cipher"),
        ("at = 7", "TypeError"),
        ("def at(): raise OSError", "OSError"),
        (RENAMED.format(cls="at", name="other"), "the same name"),
        (RENAMED.format(cls="at", name=""), "the same name"),
    ],
)
def test_a_cipher_that_fails_is_refused_with_its_package(
    site: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    ciphers(site, "failing", code, theirs="at")
    monkeypatch.delitem(sys.modules, "failing", raising=False)
    said = refusal(chosen.build_ciphers, cipher="theirs")
    assert told in said
    assert "failing 1.2" in said
    assert len(said.splitlines()) == 1


def test_a_source_and_a_store_must_be_of_their_port(site: Path) -> None:
    root_keys(site, "wrong-source", "at = str")
    stores(site, "wrong-store", "def at(url, options): return url")
    said = refusal(chosen.build_own_root_key_source, root_key="chest:hidden")
    assert "gives a str, which is no RootKeySource" in said
    said = refusal(chosen.build_store, database_url="chest://hidden")
    assert "gives a str, which is no Store" in said
    assert "hidden" not in said


def test_what_a_store_says_to_its_own_url_is_not_shown(site: Path) -> None:
    stores(site, "talking-store", "def at(url, options): raise ValueError(url)")
    said = refusal(chosen.build_store, database_url="chest://u:hidden@h")
    assert "database_url" in said
    assert "hidden" not in said


def test_a_name_that_two_packages_offer_is_refused_with_both(site: Path) -> None:
    ciphers(site, "one-package", "", same="One")
    ciphers(site, "other-package", "", same="Other")
    for cipher in ("same", "fernet"):  # the old values may name either
        said = refusal(chosen.build_ciphers, cipher=cipher)
        assert "one-package 1.2" in said
        assert "other-package 1.2" in said


def test_nobody_takes_the_place_of_a_cipher_that_ships(site: Path) -> None:
    ciphers(site, "impostor", RENAMED.format(cls="Fernet", name="fernet"), fernet="Fernet")
    said = refusal(chosen.build_ciphers)
    assert "impostor" in said
    assert "strongroom" in said


def test_a_cipher_of_old_values_is_loaded_when_they_name_it() -> None:
    known = chosen.build_ciphers(Settings())
    assert known["chacha20-poly1305"].name == "chacha20-poly1305"
    assert known["chacha20-poly1305"] is known["chacha20-poly1305"]
    assert known.get("never-heard-of") is None
    assert len(known) == len(list(known)) >= 3


def test_a_broken_cipher_of_old_values_does_not_open_them(site: Path) -> None:
    ciphers(site, "broken", "raise ValueError('inner words')", old="Any")
    known = chosen.build_ciphers(Settings())
    with pytest.raises(UnknownFormat) as caught:
        known.get("old")
    assert "inner words" not in str(caught.value)


def test_a_refused_name_leaves_no_folder_behind(tmp_path: Path) -> None:
    for field in ("cipher", "root_key", "database_url"):
        settings = Settings(data_dir=tmp_path / "data", **{field: "unknown:"})  # type: ignore[arg-type]  # texts only
        with pytest.raises(StartRefused, match=field):
            prepare(Container(settings=settings))
    assert not (tmp_path / "data").exists()


def test_every_offer_says_where_it_comes_from() -> None:
    (offer,) = (one for one in plugins.offers(plugins.STORAGE) if one.name == "sqlite")
    assert offer.package == "strongroom"
    assert offer.reference == "adapters.sql.sqlite_store:SqliteStore.at"
