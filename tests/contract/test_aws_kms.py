"""The root key in AWS KMS, against moto: a server on this machine that speaks its protocol."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from adapters.root_keys.aws_kms import AwsKmsRootKey, AwsKmsRootKeySource
from adapters.root_keys.service import library
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from tests.root_key_use import copied, value_after_a_new_start, value_after_rotation_in_place

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that every test of this file asks."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


@pytest.fixture(scope="module")
def kms(endpoint: str) -> Any:
    """A client to set the stage with."""
    session = library("boto3", extra="aws").session.Session(
        aws_access_key_id="example", aws_secret_access_key="hidden-example", region_name=REGION
    )
    return session.client("kms", endpoint_url=endpoint)


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a new key."""
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def source(endpoint: str, key: str) -> AwsKmsRootKeySource:
    return AwsKmsRootKeySource.at(f"{key}?endpoint={endpoint}")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"])
def test_an_endpoint_of_the_environment_that_is_not_encrypted_is_refused(
    key: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://kms.example")
    with pytest.raises(WrongRootKey, match="https"):
        AwsKmsRootKeySource.at(key).load()


class TestAwsKms(RootKeyContract):
    @pytest.fixture
    def root_key(self, source: AwsKmsRootKeySource) -> RootKey:
        return source.load()

    @pytest.fixture
    def other_root_key(self, endpoint: str, kms: Any) -> RootKey:
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        return AwsKmsRootKeySource.at(f"{other}?region={REGION}&endpoint={endpoint}").load()


class TestAwsKmsSource(RootKeySourceContract):
    @pytest.fixture
    def source(self, endpoint: str, key: str) -> RootKeySource:
        return AwsKmsRootKeySource.at(f"{key}?endpoint={endpoint}")


def test_a_value_survives_a_new_start(source: AwsKmsRootKeySource) -> None:
    assert value_after_a_new_start(source, copied(source)) == "the value"


def test_a_value_survives_a_rotation_in_place(source: AwsKmsRootKeySource) -> None:
    assert value_after_rotation_in_place(source) == "the value"


def test_a_key_can_be_named_by_its_alias(endpoint: str, kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/strongroom", TargetKeyId=key)
    root_key = AwsKmsRootKeySource.at(
        f"alias/strongroom?region={REGION}&endpoint={endpoint}"
    ).load()
    wrapped = root_key.wrap(DATA_KEY, context=CONTEXT)
    assert root_key.unwrap(wrapped, context=CONTEXT) == DATA_KEY


def test_the_uri_names_the_place_as_it_was_given(endpoint: str) -> None:
    address = f"awskms:alias/a?region={REGION}&endpoint={endpoint}"
    assert AwsKmsRootKeySource.at(address.removeprefix("awskms:")).uri == address


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("IncorrectKeyException", WrongRootKey),
        ("AccessDeniedException", WrongRootKey),
        ("DisabledException", RootKeyUnavailable),
        ("ThrottlingException", RootKeyUnavailable),
    ],
)
def test_a_refusal_to_decrypt_tells_a_wrong_key_from_one_that_is_away(
    kms: Any, code: str, expected: type[Exception]
) -> None:
    root_key = AwsKmsRootKey(kms, key="alias/a", source="awskms:alias/a")
    with library("botocore.stub", extra="aws").Stubber(kms) as stub:
        stub.add_client_error("decrypt", code, "hidden")
        with pytest.raises(expected, match=code) as caught:
            root_key.unwrap("awskms1:AAAA", context=CONTEXT)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
def test_a_refusal_to_encrypt_names_the_right_that_is_needed(kms: Any, code: str) -> None:
    root_key = AwsKmsRootKey(kms, key="alias/a", source="awskms:alias/a")
    with library("botocore.stub", extra="aws").Stubber(kms) as stub:
        stub.add_client_error("encrypt", code, "hidden")
        with pytest.raises(RootKeyUnavailable, match=f"{code}; .*kms:Encrypt"):
            root_key.wrap(DATA_KEY, context=CONTEXT)


def test_a_key_that_is_not_there_is_refused(endpoint: str) -> None:
    source = AwsKmsRootKeySource.at(f"alias/none?region={REGION}&endpoint={endpoint}")
    with pytest.raises(RootKeyUnavailable, match="NotFoundException"):
        source.load().wrap(DATA_KEY, context=CONTEXT)


def test_a_service_that_does_not_answer_is_unavailable() -> None:
    source = AwsKmsRootKeySource.at(f"alias/a?region={REGION}&endpoint=http://127.0.0.1:9")
    with pytest.raises(RootKeyUnavailable, match="EndpointConnectionError") as caught:
        source.load().wrap(DATA_KEY, context=CONTEXT)
    assert "hidden-example" not in str(caught.value)


def test_missing_credentials_are_told(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    source = AwsKmsRootKeySource.at(f"alias/a?region={REGION}&endpoint={endpoint}")
    with pytest.raises(RootKeyUnavailable, match="NoCredentialsError"):
        source.load().wrap(DATA_KEY, context=CONTEXT)


def test_a_missing_region_is_told() -> None:
    with pytest.raises(WrongRootKey, match=r"add \?region="):
        AwsKmsRootKeySource.at("alias/a").load()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alias/a?regoin=x",
        "alias/a?region=x&region=y",
        "alias/a?region",
        "alias/a?endpoint=http://kms.example",
        "alias/a?endpoint=https://user:hidden@kms.example",
        "alias/a?endpoint=https://[",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(WrongRootKey) as caught:
        AwsKmsRootKeySource.at(address)
    assert "hidden" not in str(caught.value)
