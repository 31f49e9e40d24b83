"""The root key in Google Cloud Key Management Service."""

import re
from typing import Any
from urllib.parse import urlsplit

from adapters import base64url
from adapters.root_keys.service import (
    READ_SECONDS,
    ServiceRootKeySource,
    checked_url,
    library,
    parted,
)
from domain.errors import RootKeyUnavailable, StrongroomError, WrongRootKey
from domain.ports.root_key import RootKey

TAG = "gcpkms1"
"""Format tag of wrapped data keys. Formats are only ever added."""

EXTRA = "gcp"
ENDPOINT = "https://cloudkms.googleapis.com"

_PART = r"[A-Za-z0-9_.:-]{1,100}"
_KEY = re.compile(
    rf"projects/{_PART}/locations/{_PART}/keyRings/{_PART}/cryptoKeys/{_PART}", re.ASCII
)


class GoogleKmsRootKeySource(ServiceRootKeySource):
    """Names a symmetric key by its resource name: `projects/…/cryptoKeys/…`."""

    def __init__(self, key: str, *, endpoint: str = ENDPOINT, credentials: Any = None) -> None:
        """Take the resource name of the key.

        Args:
            key: the name, without a version: the service wraps with the primary one.
            endpoint: where the service is, such as a regional address.
            credentials: what gives tokens, if not what Google's own library finds.

        Raises:
            WrongRootKey: it is not the name of a key, or the endpoint is not encrypted.
        """
        if not _KEY.fullmatch(key):
            raise WrongRootKey(
                "'gcpkms:' takes the name of a key, such as"
                " projects/P/locations/L/keyRings/R/cryptoKeys/K"
            )
        self._key = key
        self._endpoint = checked_url(endpoint, what="the endpoint of the root key")
        self._credentials = credentials

    @classmethod
    def at(cls, address: str) -> "GoogleKmsRootKeySource":
        """Return the source of the URI `gcpkms:<address>`."""
        key, options = parted(address, known=("endpoint",))
        return cls(key, endpoint=options.get("endpoint", ENDPOINT))

    @property
    def uri(self) -> str:
        """Return `gcpkms:`, the name of the key, and the endpoint if it is not the usual one."""
        more = "" if self._endpoint == ENDPOINT else f"?endpoint={self._endpoint}"
        return f"gcpkms:{self._key}{more}"

    def load(self) -> RootKey:
        """Return the key. Nothing is asked of the service yet.

        Raises:
            WrongRootKey: a library is not installed.
            RootKeyUnavailable: there are no credentials.
        """
        kms = library("google.cloud.kms_v1", extra=EXTRA)
        # HTTP rather than gRPC, whose threads do not survive that a worker is forked.
        transport = library(
            "google.cloud.kms_v1.services.key_management_service.transports.rest", extra=EXTRA
        ).KeyManagementServiceRestTransport
        parts = urlsplit(self._endpoint)
        errors = library("google.auth.exceptions", extra=EXTRA)
        try:
            client = kms.KeyManagementServiceClient(
                transport=transport(
                    host=parts.netloc, url_scheme=parts.scheme, credentials=self._credentials
                )
            )
        except errors.GoogleAuthError as error:
            raise RootKeyUnavailable(
                f"the root key ({self.uri}) cannot be asked, there are no credentials for Google"
                " Cloud; attach a service account, or set GOOGLE_APPLICATION_CREDENTIALS"
            ) from error
        return GoogleKmsRootKey(client, key=self._key, source=self.uri)


class GoogleKmsRootKey(RootKey):
    """Has the service encrypt data keys, with the context as additional authenticated data.

    Every text travels with its CRC32C, as Google asks: a bit that flips on the way must not become
    a data key that nobody can unwrap.
    """

    def __init__(self, client: Any, *, key: str, source: str) -> None:
        """Take a client of the service and the name of the key."""
        self._client = client
        self._key = key
        self._source = source

    def __repr__(self) -> str:
        """Show where the key is."""
        return f"GoogleKmsRootKey({self._source})"

    @property
    def source(self) -> str:
        """Return where the key is."""
        return self._source

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            WrongRootKey: there is no such key.
            RootKeyUnavailable: the service does not answer, or refuses, or was misheard.
        """
        answer = self._ask(
            "encrypt",
            {"plaintext": data_key, "plaintext_crc32c": _crc32c(data_key)} | _bound(context),
        )
        ciphertext = bytes(answer.ciphertext)
        if not (
            answer.verified_plaintext_crc32c
            and answer.verified_additional_authenticated_data_crc32c
            and answer.ciphertext_crc32c == _crc32c(ciphertext)
        ):
            raise self._misheard()
        return f"{TAG}:{base64url.encode(ciphertext)}"

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
            RootKeyUnavailable: the service does not answer, or refuses, or was misheard.
        """
        tag, _, text = wrapped.partition(":")
        try:
            if tag != TAG or not text:
                raise ValueError("unknown format")
            ciphertext = base64url.decode(text)
        except ValueError as error:
            raise self._wrong("it is damaged, or of another kind of root key") from error
        answer = self._ask(
            "decrypt",
            {"ciphertext": ciphertext, "ciphertext_crc32c": _crc32c(ciphertext)} | _bound(context),
        )
        data_key = bytes(answer.plaintext)
        if answer.plaintext_crc32c != _crc32c(data_key):
            raise self._misheard()
        return data_key

    def _ask(self, operation: str, request: dict[str, Any]) -> Any:
        """Call the service."""
        calls = library("google.api_core.exceptions", extra=EXTRA)
        retry = library("google.api_core.retry", extra=EXTRA)
        again = retry.Retry(
            predicate=retry.if_exception_type(calls.ServiceUnavailable), timeout=2 * READ_SECONDS
        )
        try:
            return getattr(self._client, operation)(
                request={"name": self._key, **request}, retry=again, timeout=READ_SECONDS
            )
        except calls.GoogleAPICallError as error:
            raise self._refusal(operation, error) from error
        except (
            calls.GoogleAPIError,
            library("google.auth.exceptions", extra=EXTRA).GoogleAuthError,
            library("requests.exceptions", extra=EXTRA).RequestException,
        ) as error:
            raise RootKeyUnavailable(
                f"the root key ({self._source}) cannot be asked: {type(error).__name__}; see to"
                " this server's credentials for Google Cloud and its way to the service"
            ) from error

    def _refusal(self, operation: str, error: Any) -> StrongroomError:
        """Return the error for an answer that says no."""
        status = _status(error)
        if operation == "decrypt" and status == "INVALID_ARGUMENT":
            return self._wrong(f"Google answered {status}")
        if status == "NOT_FOUND":
            return WrongRootKey(
                f"there is no root key at {self._source}; make it, or mend its name"
            )
        return RootKeyUnavailable(
            f"the root key ({self._source}) is refused: Google answered {status}; see that the key"
            " is enabled and that this server has the role 'Cloud KMS CryptoKey"
            " Encrypter/Decrypter' on it"
        )

    def _misheard(self) -> RootKeyUnavailable:
        """Return the error for a checksum that does not fit."""
        return RootKeyUnavailable(
            f"what the root key ({self._source}) was asked or answered was damaged on the way; try"
            " again"
        )

    def _wrong(self, why: str) -> WrongRootKey:
        """Return the error for what does not open."""
        return WrongRootKey(
            f"the root key ({self._source}) does not open this store ({why}); name the key that"
            " belongs to it, nothing was changed"
        )


def _bound(context: bytes) -> dict[str, Any]:
    """Return what binds the context."""
    return {
        "additional_authenticated_data": context,
        "additional_authenticated_data_crc32c": _crc32c(context),
    }


def _crc32c(data: bytes) -> int:
    """Return the checksum (RFC 3720, appendix B.4)."""
    checksum: int = library("google_crc32c", extra=EXTRA).value(data)
    return checksum


def _status(error: Any) -> str:
    """Return the canonical name of an error; over HTTP several share a number."""
    try:
        return str(error.response.json()["error"]["status"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return str(error.code)
