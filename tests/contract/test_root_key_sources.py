"""Sources of the root key keep their contract, with every ability and with none."""

import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from adapters.root_keys.environment import EnvironmentRootKeySource
from adapters.root_keys.file import FileRootKeySource
from adapters.testing.root_key_source import RootKeySourceContract
from domain.ports.root_key_source import RootKeySource


class TestFile(RootKeySourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> RootKeySource:
        source = FileRootKeySource.at(str(tmp_path / "secret.key"))
        source.create()
        return source


class TestEnvironment(RootKeySourceContract):
    @pytest.fixture
    def source(self, monkeypatch: pytest.MonkeyPatch) -> RootKeySource:
        key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        monkeypatch.setenv("STRONGROOM_TEST_KEY", key)
        return EnvironmentRootKeySource.at("STRONGROOM_TEST_KEY")
