"""What a transit engine of HashiCorp Vault or OpenBao does with a root key that it keeps."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import httpx

from adapters.root_keys import vault_token
from domain.errors import RootKeyUnavailable, StrongroomError, WrongRootKey
from domain.ports.root_key import RootKey

TAG = "vault1"
"""Format tag of wrapped data keys. Formats are only ever added."""

_AEADS = frozenset({"aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305"})
_FORM = re.compile(rf"{TAG}:(vault:v[1-9][0-9]{{0,8}}:([A-Za-z0-9+/]+={{0,2}}))", re.ASCII)
_BAD_REQUEST, _NOT_FOUND = 400, 404


class TransitRootKey(RootKey):
    """Has the transit engine encrypt data keys, with the context as associated data."""

    def __init__(self, client: httpx.Client, *, key: str, source: str) -> None:
        """Take a client whose base is the engine's mount, and the name of the key."""
        self._client = client
        self._key = key
        self._source = source
        self._derived = False

    def __repr__(self) -> str:
        """Show where the key is."""
        return f"TransitRootKey({self._source})"

    @property
    def source(self) -> str:
        """Return where the key is."""
        return self._source

    def look(self) -> None:
        """See what kind of key it is.

        Raises:
            WrongRootKey: there is no such key, or it is of a kind that binds no context.
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        data = self._ask("GET", "keys")
        if data.get("type") not in _AEADS:
            raise WrongRootKey(
                f"the root key ({self._source}) is not of a type that takes associated data; make"
                f" one of type {', '.join(sorted(_AEADS))}"
            )
        self._derived = data.get("derived") is True

    def wrap(self, data_key: bytes, *, context: bytes) -> str:
        """Wrap a data key, bound to the context.

        Raises:
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        text = self._ask("POST", "encrypt", plaintext=_base64(data_key), **self._bound(context))
        wrapped = f"{TAG}:{text.get('ciphertext')}"
        if not _FORM.fullmatch(wrapped):
            raise self._unexpected()
        return wrapped

    def unwrap(self, wrapped: str, *, context: bytes) -> bytes:
        """Return the data key.

        Raises:
            WrongRootKey: it was wrapped under another root key or context, or is damaged.
            RootKeyUnavailable: the service does not answer, or refuses.
        """
        match = _FORM.fullmatch(wrapped)
        if match is None or not _is_canonical(match.group(2)):
            raise self._wrong("it is damaged, or of another kind of root key")
        data = self._ask("POST", "decrypt", ciphertext=match.group(1), **self._bound(context))
        try:
            return base64.b64decode(data["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise self._unexpected() from None

    def _bound(self, context: bytes) -> Mapping[str, str]:
        """Return what binds the context; a key that derives others for each context needs more."""
        encoded = _base64(context)
        return {"associated_data": encoded} | ({"context": encoded} if self._derived else {})

    def _ask(self, method: str, operation: str, **body: str) -> dict[str, Any]:
        """Ask the engine, and return what it says under `data`."""
        # Read for every question: an agent renews the token in its file.
        headers = {"X-Vault-Token": vault_token.read()}
        path = f"{operation}/{self._key}"
        try:
            answer = self._client.request(method, path, headers=headers, json=body or None)
            answer.raise_for_status()
            data = answer.json()["data"]
        except httpx.HTTPStatusError as error:
            raise self._refusal(operation, error.response.status_code) from None
        except httpx.HTTPError as error:
            raise RootKeyUnavailable(
                f"the root key ({self._source}) cannot be asked: {type(error).__name__}; see to"
                " the service, the way to it, and its certificate (VAULT_CACERT)"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise self._unexpected() from None
        if not isinstance(data, dict):
            raise self._unexpected()
        return data

    def _refusal(self, operation: str, status: int) -> StrongroomError:
        """Return the error for an answer that says no."""
        if operation == "decrypt" and status == _BAD_REQUEST:
            return self._wrong("Vault answered 400")
        if operation == "keys" and status == _NOT_FOUND:
            return WrongRootKey(
                f"there is no root key at {self._source}; make it, or mend the mount, the name or"
                " the namespace"
            )
        return RootKeyUnavailable(
            f"the root key ({self._source}) is refused: Vault answered {status}; 403 means that"
            " the token has run out or may not read the key, encrypt and decrypt with it, 503 that"
            " the service is sealed"
        )

    def _unexpected(self) -> RootKeyUnavailable:
        """Return the error for an answer that is none."""
        return RootKeyUnavailable(
            f"the root key ({self._source}) gave an answer that cannot be read; see that the URL is"
            " that of a transit engine"
        )

    def _wrong(self, why: str) -> WrongRootKey:
        """Return the error for what does not open."""
        return WrongRootKey(
            f"the root key ({self._source}) does not open this store ({why}); name the key that"
            " belongs to it, nothing was changed"
        )


def _base64(data: bytes) -> str:
    """Return standard base64, which the protocol asks for."""
    return base64.b64encode(data).decode("ascii")


def _is_canonical(text: str) -> bool:
    """Tell whether it is the one text of its bytes; the service itself takes others as well."""
    try:
        return _base64(base64.b64decode(text, validate=True)) == text
    except ValueError:
        return False
