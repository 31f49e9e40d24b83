"""The root key in AWS Key Management Service, or in what speaks its protocol."""

from typing import Any
from urllib.parse import urlencode

from adapters import base64url
from adapters.root_keys.service import (
    CONNECT_SECONDS,
    READ_SECONDS,
    ServiceRootKeySource,
    checked_url,
    library,
    parted,
)
from domain.errors import RootKeyUnavailable, StrongroomError, WrongRootKey
from domain.ports.root_key import RootKey

TAG = "awskms1"
"""Format tag of wrapped data keys. Formats are only ever added."""

EXTRA = "aws"

_NOT_OURS = frozenset(
    {
        "InvalidCiphertextException",
        "IncorrectKeyException",
        "NotFoundException",
        "InvalidKeyUsageException",
        "ValidationException",
    }
)


class AwsKmsRootKeySource(ServiceRootKeySource):
    """Names a symmetric key by its id, its ARN or an alias.

    Credentials are found where AWS's own library looks: environment, profile, instance role.
    """

    def __init__(self, key: str, *, region: str | None = None, endpoint: str | None = None) -> None:
        """Take the key, and the region and endpoint if the environment does not give them.

        Raises:
            WrongRootKey: the key is not named, or the endpoint is not encrypted.
        """
        if not key:
            raise WrongRootKey("'awskms:' takes the id, the ARN or the alias of a key")
        self._key = key
        self._region = region or _region_of(key)
        self._endpoint = endpoint and checked_url(endpoint, what="the endpoint of the root key")
        options = {"region": region, "endpoint": self._endpoint}
        query = urlencode({name: value for name, value in options.items() if value}, safe=":/")
        self._uri = f"awskms:{key}?{query}" if query else f"awskms:{key}"

    @classmethod
    def at(cls, address: str) -> "AwsKmsRootKeySource":
        """Return the source of the URI `awskms:<address>`."""
        key, options = parted(address, known=("region", "endpoint"))
        return cls(key, region=options.get("region"), endpoint=options.get("endpoint"))

    @property
    def uri(self) -> str:
        """Return `awskms:`, the key and its options."""
        return self._uri

    def load(self) -> RootKey:
        """Return the key. Nothing is asked of the service yet.

        Raises:
            WrongRootKey: the library is not installed, no region is known, or the endpoint that
                the environment names is not encrypted.
        """
        boto3, errors = library("boto3", extra=EXTRA), library("botocore.exceptions", extra=EXTRA)
        config = library("botocore.config", extra=EXTRA).Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        try:
            client = boto3.session.Session().client(
                "kms", region_name=self._region, endpoint_url=self._endpoint, config=config
            )
        except errors.NoRegionError:
            raise WrongRootKey(
                "the region of the root key is not known; add ?region=… to the setting 'root_key'"
                " or set AWS_DEFAULT_REGION"
            ) from None
        except errors.BotoCoreError as error:
            raise WrongRootKey(
                f"the settings for AWS cannot be used: {type(error).__name__}; mend its profile"
            ) from error
        # The environment and the profile can name an endpoint as well.
        checked_url(client.meta.endpoint_url, what="the endpoint of the root key")
        return AwsKmsRootKey(client, key=self._key, source=self._uri)


class AwsKmsRootKey(RootKey):
    """Has the service encrypt data keys, with the context as encryption context."""

    def __init__(self, client: Any, *, key: str, source: str) -> None:
        """Take a client of the service and the name of the key."""
        self._client = client
        self._key = key
        self._source = source
        self._errors = library("botocore.exceptions", extra=EXTRA)

    def __repr__(self) -> str:
        """Show where the key is."""
        return f"AwsKmsRootKey({self._source})"

    @property
    def source(self) -> str:
        """Return where the key is."""
        return self._source

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        answer = self._ask("encrypt", "kms:Encrypt", context, Plaintext=data_key)
        return f"{TAG}:{base64url.encode(answer['CiphertextBlob'])}"

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged; or the
                service says no, which it also does about keys that this identity may not use.
            RootKeyUnavailable: the service does not answer.
        """
        tag, _, text = wrapped.partition(":")
        try:
            if tag != TAG or not text:
                raise ValueError("unknown format")
            blob = base64url.decode(text)
        except ValueError as error:
            raise self._wrong("it is damaged, or of another kind of root key") from error
        # The key is named, although the service could tell it from the text: else whoever writes
        # the database could have it opened by a key of their own.
        answer = self._ask("decrypt", "kms:Decrypt", context, CiphertextBlob=blob)
        data_key: bytes = answer["Plaintext"]
        return data_key

    def _ask(self, operation: str, right: str, context: bytes, **what: bytes) -> Any:
        """Call the service."""
        try:
            return getattr(self._client, operation)(
                KeyId=self._key, EncryptionContext={"strongroom": context.decode("latin-1")}, **what
            )
        except self._errors.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise self._refusal(operation, right, code) from error
        except self._errors.BotoCoreError as error:
            # The library's own words may hold a profile's settings; its name says enough.
            raise RootKeyUnavailable(
                f"the root key ({self._source}) cannot be asked: {type(error).__name__}; see to"
                " this server's AWS credentials, its region and its way to the service"
            ) from error

    def _refusal(self, operation: str, right: str, code: str) -> StrongroomError:
        """Return the error for an answer that says no."""
        if operation == "decrypt" and code in _NOT_OURS:
            return self._wrong(f"AWS answered {code}")
        if operation == "decrypt" and code == "AccessDeniedException":
            return self._wrong(f"AWS answered {code}; or allow this server {right} on the key")
        return RootKeyUnavailable(
            f"the root key ({self._source}) is refused: AWS answered {code}; see that the key is"
            f" enabled and that this server has {right} on it"
        )

    def _wrong(self, why: str) -> WrongRootKey:
        """Return the error for what does not open."""
        return WrongRootKey(
            f"the root key ({self._source}) does not open this store ({why}); name the key that"
            " belongs to it, nothing was changed"
        )


def _region_of(key: str) -> str | None:
    """Return the region that an ARN names: `arn:aws:kms:REGION:…`."""
    parts = key.split(":")
    return parts[3] if key.startswith("arn:") and len(parts) > 5 and parts[3] else None  # noqa: PLR2004  an ARN has six parts
