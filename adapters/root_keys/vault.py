"""The root key in the transit engine of HashiCorp Vault or OpenBao."""

import os
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from adapters.root_keys.service import (
    CONNECT_SECONDS,
    READ_SECONDS,
    ServiceRootKeySource,
    checked_url,
    parted,
)
from adapters.root_keys.transit import TransitRootKey
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey

_SEGMENT = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.-]+"
_PATH = re.compile(rf"/({_SEGMENT}(?:/{_SEGMENT})*)/({_SEGMENT})", re.ASCII)


class VaultRootKeySource(ServiceRootKeySource):
    """Names a key of a transit engine: `https://host:8200/MOUNT/KEY?namespace=…`."""

    def __init__(self, url: str, *, namespace: str | None = None) -> None:
        """Take the URL of the key, and the namespace if `VAULT_NAMESPACE` does not give it.

        Raises:
            WrongRootKey: the URL is not encrypted, or does not name a mount and a key.
        """
        self._url = checked_url(url, what="'vault:'")
        match = _PATH.fullmatch(urlsplit(self._url).path)
        if match is None:
            raise WrongRootKey("'vault:' takes a URL such as https://host:8200/transit/KEY")
        self._mount, self._key = match.groups()
        if namespace is not None and not re.fullmatch(rf"{_SEGMENT}(?:/{_SEGMENT})*/?", namespace):
            raise WrongRootKey("the namespace of the root key is not one that Vault can have")
        self._namespace = namespace

    @classmethod
    def at(cls, address: str) -> "VaultRootKeySource":
        """Return the source of the URI `vault:<address>`."""
        url, options = parted(address, known=("namespace",))
        return cls(url, namespace=options.get("namespace"))

    @property
    def uri(self) -> str:
        """Return `vault:` and the URL of the key."""
        more = f"?namespace={self._namespace}" if self._namespace else ""
        return f"vault:{self._url}{more}"

    def load(self) -> RootKey:
        """Return the key, after one look at it.

        Vault makes a key when asked to encrypt with one that is not there, if the token may. So
        a slip of the pen must be noticed before.

        Raises:
            WrongRootKey: there is no such key, or it is of a kind that binds no context.
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        parts = urlsplit(self._url)
        client = httpx.Client(
            base_url=f"{parts.scheme}://{parts.netloc}/v1/{self._mount}/",
            headers=self._headers(),
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
            # Neither a proxy nor a `.netrc` of the environment has a part in this.
            trust_env=False,
            verify=_trusted() if parts.scheme == "https" else False,
        )
        root_key = TransitRootKey(client, key=self._key, source=self.uri)
        root_key.look()
        return root_key

    def _headers(self) -> Mapping[str, str]:
        """Return what goes with every question."""
        namespace = self._namespace or os.environ.get("VAULT_NAMESPACE")
        return {"X-Vault-Request": "true"} | ({"X-Vault-Namespace": namespace} if namespace else {})


def _trusted() -> ssl.SSLContext:
    """Return whose certificates count: the system's, or those of `VAULT_CACERT` alone."""
    authority = os.environ.get("VAULT_CACERT")
    try:
        return ssl.create_default_context(cafile=authority or None)
    except OSError:
        raise WrongRootKey(
            f"the certificates in {authority}, which VAULT_CACERT names, cannot be read"
        ) from None
