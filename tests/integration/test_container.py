"""The composition root builds everything, and the settings are read as they are described."""

import gc
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from domain.errors import StartRefused
from entrypoints import collector, configuration
from entrypoints.absent import absent
from entrypoints.container import Container
from entrypoints.preparation import prepare
from entrypoints.settings import Settings


def test_every_provider_gives_something(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    prepare(Container(settings=settings))
    container = Container(settings=settings)
    for name, provider in container.providers.items():
        assert provider() is not None, name
        assert provider() is provider(), f"{name} is built once"
    container.storage().close()


def test_frameworks_that_lie_beside_it_are_not_loaded() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "import sys, entrypoints.container; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert "dependency_injector.wiring" in shown
    assert not {"fastapi", "pydantic", "starlette", "werkzeug"} & set(shown)


def test_what_only_certificates_need_is_not_loaded_without_them() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "import sys, entrypoints.server; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert "entrypoints.server" in shown
    assert not {"cryptography.x509", "joserfc", "entrypoints.tls.https"} & set(shown)


def test_what_is_absent_is_there_again_afterwards() -> None:
    with absent("antigravity"), pytest.raises(ModuleNotFoundError, match="not needed here"):
        import_module("antigravity")
    assert find_spec("antigravity") is not None


def test_modules_are_loaded_with_the_collector_passing_over_them() -> None:
    kept = gc.get_freeze_count()
    try:
        with collector.passing_over():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > kept
    finally:
        gc.unfreeze()


def test_flags_come_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("strongroom.toml").write_text('host = "::1"\nport = 1\nworkers = 2\n')
    environment = {"STRONGROOM_PORT": "2", "STRONGROOM_WORKERS": "3", "UNRELATED": "x"}
    settings = configuration.load(environment, {"workers": 4, "host": None})
    assert (settings.host, settings.port, settings.workers) == ("::1", 2, 4)


def test_a_secret_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///elsewhere.db\n")
    settings = configuration.load({"STRONGROOM_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.store_url == "sqlite:///elsewhere.db"


def test_a_secret_setting_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///elsewhere.db")
    with pytest.raises(StartRefused, match="twice"):
        configuration.load(
            {
                "STRONGROOM_DATABASE_URL": "sqlite:///a.db",
                "STRONGROOM_DATABASE_URL_FILE": str(tmp_path / "url"),
            }
        )


@pytest.mark.parametrize("text", ["unknown = 1", "port = 'x'", "port = ", "port = 0"])
def test_a_file_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("strongroom.toml").write_text(text)
    with pytest.raises(StartRefused):
        configuration.load({})


def test_passwords_are_masked_when_settings_are_shown() -> None:
    shown = configuration.shown(Settings(database_url="postgresql://u:hidden@h/d"))
    assert shown["database_url"] == "postgresql://u:***@h/d"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://u@h/d?password=hidden&a=b", "postgresql://u@h/d?password=***&a=b"),
        ("postgresql:///d?a=b&sslpassword=hidden", "postgresql:///d?a=b&sslpassword=***"),
        ("postgresql://h/d?p%61ssword=hidden", "postgresql://h/d?p%61ssword=***"),
        ("postgresql://u:hidden@h/d?password=hidden", "postgresql://u:***@h/d?password=***"),
        ("postgresql:u:hidden@h/d", "postgresql:***"),
        ("sqlite:////srv/a@b/c.db", "sqlite:////srv/a@b/c.db"),
    ],
)
def test_a_password_is_masked_wherever_it_stands(url: str, masked: str) -> None:
    assert configuration.shown(Settings(database_url=url))["database_url"] == masked
