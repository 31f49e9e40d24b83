"""The root key in Azure Key Vault: Azure's own library, talking to a stand-in on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.root_keys.azure_key_vault import AzureKeyVaultRootKeySource
from adapters.root_keys.envelope import Envelope
from adapters.root_keys.service import library
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from tests.contract.fake_key_vault import TOKEN, FakeKeyVault
from tests.contract.loopback import made_certificate, serving
from tests.root_key_use import copied, value_after_a_new_start, value_after_rotation_in_place

VECTORS = json.loads((Path(__file__).parent / "vectors" / "envelope.json").read_text("utf-8"))
RSA = [rsa.generate_private_key(65537, 2048) for _ in range(2)]


class Credential:
    """Gives the token that the stand-in knows."""

    def __init__(self, token: str = TOKEN) -> None:
        self._token = token

    def get_token(self, *scopes: str, **more: Any) -> Any:
        assert scopes == ("https://vault.azure.net/.default",)
        return library("azure.core.credentials", extra="azure").AccessToken(self._token, 1 << 40)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def vault() -> FakeKeyVault:
    """A vault with two keys of each kind."""
    vault = FakeKeyVault()
    for number, key in enumerate(RSA):
        vault.make(f"rsa-{number}", key)
        vault.make(f"aes-{number}", bytes([number] * 32))
    return vault


@pytest.fixture
def address(vault: FakeKeyVault, certificate: Path) -> Iterator[str]:
    with serving(vault, certificate=certificate) as address:
        yield address


def at(url: str, certificate: Path, token: str = TOKEN) -> AzureKeyVaultRootKeySource:
    """Return a source that knows the stand-in's certificate and token."""
    options = {"connection_verify": str(certificate), "verify_challenge_resource": False}
    return AzureKeyVaultRootKeySource(url, credential=Credential(token), options=options)


class TestAzureWithRsa(RootKeyContract):
    @pytest.fixture
    def root_key(self, address: str, certificate: Path) -> RootKey:
        return at(f"{address}/keys/rsa-0", certificate).load()

    @pytest.fixture
    def other_root_key(self, address: str, certificate: Path) -> RootKey:
        return at(f"{address}/keys/rsa-1", certificate).load()


class TestAzureWithAes(RootKeyContract):
    @pytest.fixture
    def root_key(self, address: str, certificate: Path) -> RootKey:
        return at(f"{address}/keys/aes-0", certificate).load()

    @pytest.fixture
    def other_root_key(self, address: str, certificate: Path) -> RootKey:
        return at(f"{address}/keys/aes-1", certificate).load()


class TestAzureSource(RootKeySourceContract):
    @pytest.fixture
    def source(self, address: str, certificate: Path) -> RootKeySource:
        return at(f"{address}/keys/rsa-0", certificate)


@pytest.mark.parametrize("vector", VECTORS["sealed"], ids=lambda vector: vector["is"])
def test_an_envelope_of_long_ago_still_opens(vector: dict[str, str]) -> None:
    envelope = Envelope.parse(vector["envelope"])
    wrapping_key = bytes.fromhex(vector["wrapping_key"])
    opened = envelope.open(wrapping_key, context=vector["context"].encode())
    assert opened.hex() == vector["data_key"]
    assert envelope.wrapped.hex() == vector["wrapped_key"]
    assert str(envelope) == vector["envelope"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["is"])
def test_an_envelope_that_nobody_makes_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Envelope.parse(vector["envelope"]).open(
            bytes.fromhex(vector["wrapping_key"]), context=vector["context"].encode()
        )


def test_the_stored_text_chooses_no_weaker_algorithm(
    address: str, certificate: Path, vault: FakeKeyVault
) -> None:
    root_key = at(f"{address}/keys/rsa-0", certificate).load()
    wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
    vault.forbidden = True  # what is asked from here on is told as that
    with pytest.raises(WrongRootKey, match="damaged"):
        root_key.unwrap(wrapped.replace("RSA-OAEP-256", "RSA-OAEP"), context=CONTEXT)


def test_a_value_survives_a_new_start(address: str, certificate: Path) -> None:
    source = at(f"{address}/keys/aes-0", certificate)
    assert value_after_a_new_start(source, copied(source)) == "the value"


def test_a_value_survives_a_rotation_in_place(address: str, certificate: Path) -> None:
    source = at(f"{address}/keys/rsa-0", certificate)
    assert value_after_rotation_in_place(source) == "the value"


def test_the_successor_wraps_under_the_newest_version(
    address: str, certificate: Path, vault: FakeKeyVault
) -> None:
    source = at(f"{address}/keys/aes-0", certificate)
    before = source.load().wrap(DATA_KEY, context=CONTEXT)
    version = vault.make("aes-0", bytes([7] * 32))
    successor = source.propose()
    assert successor.wrap(DATA_KEY, context=CONTEXT).startswith(f"azurekv1:A256KW:{version}:")
    assert successor.unwrap(before, context=CONTEXT) == DATA_KEY


def test_a_version_that_is_named_wraps_and_others_still_open(
    address: str, certificate: Path, vault: FakeKeyVault
) -> None:
    first = vault.make("pinned", bytes(32))
    vault.make("pinned", bytes([7] * 32))
    newest = at(f"{address}/keys/pinned", certificate).load()
    pinned = at(f"{address}/keys/pinned/{first}", certificate).load()
    assert f":{first}:" in pinned.wrap(DATA_KEY, context=CONTEXT)
    assert pinned.unwrap(newest.wrap(DATA_KEY, context=CONTEXT), context=CONTEXT) == DATA_KEY


def test_a_key_that_is_not_there_is_refused(address: str, certificate: Path) -> None:
    with pytest.raises(WrongRootKey, match="there is no root key at"):
        at(f"{address}/keys/none", certificate).load()


def test_a_token_that_azure_does_not_know_is_told(address: str, certificate: Path) -> None:
    with pytest.raises(RootKeyUnavailable, match="does not know this server") as caught:
        at(f"{address}/keys/rsa-0", certificate, "hidden-other").load()
    assert "hidden" not in str(caught.value)


def test_a_host_that_is_no_key_vault_is_told(address: str, certificate: Path) -> None:
    source = AzureKeyVaultRootKeySource(
        f"{address}/keys/rsa-0",
        credential=Credential(),
        options={"connection_verify": str(certificate)},
    )
    with pytest.raises(RootKeyUnavailable, match="not that of a key vault"):
        source.load()


def test_a_missing_right_is_told(address: str, certificate: Path, vault: FakeKeyVault) -> None:
    root_key = at(f"{address}/keys/aes-0", certificate).load()
    vault.forbidden = True
    with pytest.raises(RootKeyUnavailable, match=r"Azure answered 403; .*unwrapKey"):
        root_key.wrap(DATA_KEY, context=CONTEXT)


def test_a_service_that_does_not_answer_is_unavailable(certificate: Path) -> None:
    source = AzureKeyVaultRootKeySource(
        "https://127.0.0.1:9/keys/one", credential=Credential(), options={"retry_total": 0}
    )
    with pytest.raises(RootKeyUnavailable, match="ServiceRequestError"):
        source.load()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://the.vault.azure.net",
        "https://the.vault.azure.net/secrets/one",
        "https://the.vault.azure.net/keys/",
        "https://the.vault.azure.net/keys/a/b/c",
        "https://the.vault.azure.net/keys/../one",
        "https://user:hidden@the.vault.azure.net/keys/one",
        "http://127.0.0.1/keys/one",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(WrongRootKey) as caught:
        AzureKeyVaultRootKeySource.at(address)
    assert "hidden" not in str(caught.value)
