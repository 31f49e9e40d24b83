"""The root key in Google Cloud KMS: Google's own library, talking to a stand-in on this machine."""

from collections.abc import Iterator

import pytest

from adapters.root_keys.google_kms import GoogleKmsRootKeySource
from adapters.root_keys.service import library
from adapters.testing.root_key import CONTEXT, DATA_KEY, RootKeyContract
from adapters.testing.root_key_source import RootKeySourceContract
from domain.errors import RootKeyUnavailable, WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource
from tests.contract.fake_google_kms import FakeGoogleKms
from tests.contract.loopback import serving
from tests.root_key_use import copied, value_after_a_new_start, value_after_rotation_in_place

RING = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys"


@pytest.fixture
def kms() -> FakeGoogleKms:
    kms = FakeGoogleKms()
    kms.make(f"{RING}/one")
    kms.make(f"{RING}/other")
    return kms


@pytest.fixture
def endpoint(kms: FakeGoogleKms) -> Iterator[str]:
    with serving(kms) as endpoint:
        yield endpoint


def at(endpoint: str, key: str = f"{RING}/one") -> GoogleKmsRootKeySource:
    """Return a source that needs no credentials."""
    anonymous = library("google.auth.credentials", extra="gcp").AnonymousCredentials()
    return GoogleKmsRootKeySource(key, endpoint=endpoint, credentials=anonymous)


@pytest.fixture
def source(endpoint: str) -> GoogleKmsRootKeySource:
    return at(endpoint)


class TestGoogleKms(RootKeyContract):
    @pytest.fixture
    def root_key(self, source: GoogleKmsRootKeySource) -> RootKey:
        return source.load()

    @pytest.fixture
    def other_root_key(self, endpoint: str) -> RootKey:
        return at(endpoint, f"{RING}/other").load()


class TestGoogleKmsSource(RootKeySourceContract):
    @pytest.fixture
    def source(self, endpoint: str) -> RootKeySource:
        return at(endpoint)


def test_a_value_survives_a_new_start(source: GoogleKmsRootKeySource) -> None:
    assert value_after_a_new_start(source, copied(source)) == "the value"


def test_a_value_survives_a_rotation_in_place(source: GoogleKmsRootKeySource) -> None:
    assert value_after_rotation_in_place(source) == "the value"


def test_the_successor_wraps_under_the_newest_version(
    source: GoogleKmsRootKeySource, kms: FakeGoogleKms
) -> None:
    before = source.load().wrap(DATA_KEY, context=CONTEXT)
    kms.make(f"{RING}/one")
    successor = source.propose()
    assert successor.wrap(DATA_KEY, context=CONTEXT)[8:10] != before[8:10], "the version's byte"
    assert successor.unwrap(before, context=CONTEXT) == DATA_KEY


@pytest.mark.parametrize(
    "damaged",
    ["ciphertext", "verifiedPlaintextCrc32c", "verifiedAdditionalAuthenticatedDataCrc32c"],
)
def test_what_is_damaged_on_the_way_is_not_stored(
    source: GoogleKmsRootKeySource, kms: FakeGoogleKms, damaged: str
) -> None:
    kms.damages = damaged
    with pytest.raises(RootKeyUnavailable, match="damaged on the way"):
        source.load().wrap(DATA_KEY, context=CONTEXT)


def test_what_comes_back_damaged_is_not_used(
    source: GoogleKmsRootKeySource, kms: FakeGoogleKms
) -> None:
    wrapped = source.load().wrap(DATA_KEY, context=CONTEXT)
    kms.damages = "plaintext"
    with pytest.raises(RootKeyUnavailable, match="damaged on the way"):
        source.load().unwrap(wrapped, context=CONTEXT)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (400, "FAILED_PRECONDITION", RootKeyUnavailable),
        (403, "PERMISSION_DENIED", RootKeyUnavailable),
        (400, "INVALID_ARGUMENT", WrongRootKey),
        (404, "NOT_FOUND", WrongRootKey),
    ],
)
def test_a_refusal_to_decrypt_tells_a_wrong_key_from_one_that_is_away(
    source: GoogleKmsRootKeySource,
    kms: FakeGoogleKms,
    code: int,
    status: str,
    expected: type[Exception],
) -> None:
    kms.refuses = (code, status)
    with pytest.raises(expected) as caught:
        source.load().unwrap("gcpkms1:AAAA", context=CONTEXT)
    assert "hidden" not in str(caught.value)


def test_a_service_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(RootKeyUnavailable, match="ConnectionError"):
        at("http://127.0.0.1:9").load().wrap(DATA_KEY, context=CONTEXT)


def test_missing_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
    with pytest.raises(RootKeyUnavailable, match="attach a service account"):
        GoogleKmsRootKeySource.at(f"{RING}/one").load()


def test_the_uri_names_the_place_as_it_was_given() -> None:
    assert GoogleKmsRootKeySource.at(f"{RING}/one").uri == f"gcpkms:{RING}/one"
    regional = f"{RING}/one?endpoint=https://cloudkms.europe-west1.rep.googleapis.com"
    assert GoogleKmsRootKeySource.at(regional).uri == f"gcpkms:{regional}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "one",
        f"{RING}/",
        f"{RING}/one/cryptoKeyVersions/1",
        f"{RING}/o/../ne",
        f"{RING}/one?endpoint=http://kms.example",
        f"{RING}/one?key=hidden",
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(WrongRootKey) as caught:
        GoogleKmsRootKeySource.at(address)
    assert "hidden" not in str(caught.value)
