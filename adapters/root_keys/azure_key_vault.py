"""The root key in Azure Key Vault or Managed HSM."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters import base64url
from adapters.root_keys.envelope import Envelope
from adapters.root_keys.service import (
    CONNECT_SECONDS,
    READ_SECONDS,
    ServiceRootKeySource,
    checked_url,
    library,
)
from domain.errors import RootKeyUnavailable, StrongroomError, WrongRootKey
from domain.ports.root_key import RootKey

EXTRA = "azure"

_ALGORITHMS = {
    "RSA": "RSA-OAEP-256",
    "RSA-HSM": "RSA-OAEP-256",
    "oct": "A256KW",
    "oct-HSM": "A256KW",
}
"""How a key of each kind wraps."""

_PATH = re.compile(r"/keys/([0-9A-Za-z-]{1,127})(?:/([0-9A-Za-z]{1,64}))?", re.ASCII)
_BAD_REQUEST, _NOT_FOUND = 400, 404


class AzureKeyVaultRootKeySource(ServiceRootKeySource):
    """Names a key by its identifier: `https://NAME.vault.azure.net/keys/KEY[/VERSION]`."""

    def __init__(
        self, url: str, *, credential: Any = None, options: Mapping[str, Any] | None = None
    ) -> None:
        """Take the identifier of the key.

        Args:
            url: the identifier; without a version the newest one wraps.
            credential: what gives tokens, if not what Azure's own library finds.
            options: more for the library's clients.

        Raises:
            WrongRootKey: it is not the identifier of a key.
        """
        self._url = checked_url(url, what="'azurekv:'")
        parts = urlsplit(self._url)
        match = _PATH.fullmatch(parts.path)
        if match is None or parts.scheme != "https":
            raise WrongRootKey(
                "'azurekv:' takes the identifier of a key, such as"
                " https://NAME.vault.azure.net/keys/KEY"
            )
        self._vault = f"https://{parts.netloc}"
        self._name, self._version = match.groups()
        self._credential = credential
        self._options = options or {}

    @classmethod
    def at(cls, address: str) -> "AzureKeyVaultRootKeySource":
        """Return the source of the URI `azurekv:<address>`."""
        return cls(address)

    @property
    def uri(self) -> str:
        """Return `azurekv:` and the identifier of the key."""
        return f"azurekv:{self._url}"

    def load(self) -> RootKey:
        """Return the key, after one look at it.

        Raises:
            WrongRootKey: there is no such key, it cannot wrap, or a library is not installed.
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        keys = library("azure.keyvault.keys", extra=EXTRA)
        credential = (
            self._credential or library("azure.identity", extra=EXTRA).DefaultAzureCredential()
        )
        options = {
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retry_total": 2,
            **self._options,
        }
        client = keys.KeyClient(self._vault, credential, **options)
        key = asked(
            lambda: client.get_key(self._name, self._version), operation="get", source=self.uri
        )
        return AzureKeyVaultRootKey(
            client,
            url=f"{self._vault}/keys/{self._name}",
            version=key.id.rpartition("/")[2],
            kind=str(getattr(key.key_type, "value", key.key_type)),
            source=self.uri,
        )


class AzureKeyVaultRootKey(RootKey):
    """Has the service wrap a fresh key for each data key, which binds the context in its place."""

    def __init__(self, client: Any, *, url: str, version: str, kind: str, source: str) -> None:
        """Take a client of the vault.

        Args:
            client: what sends requests to the vault, with credentials.
            url: the key's identifier without a version. What the service says of itself does not
                choose where to ask.
            version: the version that wraps.
            kind: the type of the key.
            source: where the key is, for people.

        Raises:
            WrongRootKey: it is not a key that wraps.
        """
        if kind not in _ALGORITHMS:
            raise WrongRootKey(
                f"the root key ({source}) cannot wrap; make one of type RSA, or in a Managed HSM"
                " one of type oct-HSM with 256 bits"
            )
        self._client = client
        self._url = url
        self._version = version
        self._algorithm = _ALGORITHMS[kind]
        self._source = source

    def __repr__(self) -> str:
        """Show where the key is."""
        return f"AzureKeyVaultRootKey({self._source})"

    @property
    def source(self) -> str:
        """Return where the key is."""
        return self._source

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        envelope = Envelope.seal(
            data_key,
            context=context,
            algorithm=self._algorithm,
            version=self._version,
            wrap=lambda key: self._ask("wrapKey", self._version, self._algorithm, key),
        )
        return str(envelope)

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        try:
            envelope = Envelope.parse(wrapped)
            if envelope.algorithm not in _ALGORITHMS.values():
                raise ValueError("an algorithm that nothing is wrapped with")
            # The stored text chooses among the versions of the key that the settings name, only.
            key = self._ask("unwrapKey", envelope.version, envelope.algorithm, envelope.wrapped)
            return envelope.open(key, context=context)
        except ValueError as error:
            raise wrong(self._source, "it is damaged, or of another root key") from error

    def _ask(self, operation: str, version: str, algorithm: str, value: bytes) -> bytes:
        """Have the service wrap or unwrap, as its REST reference says.

        The library's own client for this works with what it knows of a key where it can. Of a
        symmetric key it knows nothing, and wraps under one that it makes up and forgets.
        """
        request = library("azure.core.rest", extra=EXTRA).HttpRequest(
            "POST",
            f"{self._url}/{version}/{operation.lower()}",
            json={"alg": algorithm, "value": base64url.encode(value).rstrip("=")},
        )

        def question() -> Any:
            response = self._client.send_request(request)
            response.raise_for_status()
            return response.json()

        answer = asked(question, operation=operation, source=self._source)
        try:
            text = str(answer["value"])
            return base64url.decode(text + "=" * (-len(text) % 4))
        except (KeyError, TypeError, ValueError):
            raise RootKeyUnavailable(
                f"the root key ({self._source}) gave an answer that cannot be read"
            ) from None


def asked(question: Callable[[], Any], *, operation: str, source: str) -> Any:
    """Ask the service, and turn its errors into ours."""
    errors = library("azure.core.exceptions", extra=EXTRA)
    try:
        return question()
    except errors.ClientAuthenticationError as error:
        raise RootKeyUnavailable(
            f"the root key ({source}) cannot be asked, Azure does not know this server; see to its"
            " managed identity, workload identity or AZURE_CLIENT_ID"
        ) from error
    except errors.HttpResponseError as error:
        raise _refusal(operation, source, error.status_code) from error
    except errors.AzureError as error:
        raise RootKeyUnavailable(
            f"the root key ({source}) cannot be asked: {type(error).__name__}; see to the service"
            " and the way to it"
        ) from error
    except ValueError as error:
        # The library's own check: the service asked for a token that is meant for another one.
        raise RootKeyUnavailable(
            f"the root key ({source}) gave an answer that is not that of a key vault; mend its host"
        ) from error


def _refusal(operation: str, source: str, status: int | None) -> StrongroomError:
    """Return the error for an answer that says no."""
    if operation == "unwrapKey" and status in {_BAD_REQUEST, _NOT_FOUND}:
        return wrong(source, f"Azure answered {status}")
    if status == _NOT_FOUND:
        return WrongRootKey(f"there is no root key at {source}; make it, or mend its identifier")
    return RootKeyUnavailable(
        f"the root key ({source}) is refused: Azure answered {status}; see that it is enabled, and"
        " that this server may get it, wrapKey and unwrapKey with it"
    )


def wrong(source: str, why: str) -> WrongRootKey:
    """Return the error for what does not open."""
    return WrongRootKey(
        f"the root key ({source}) does not open this store ({why}); name the key that belongs"
        " to it, nothing was changed"
    )
