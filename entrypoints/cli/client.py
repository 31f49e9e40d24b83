"""Calling a running server."""

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from adapters.loopback import is_loopback
from domain.errors import StrongroomError

TIMEOUT_SECONDS = 30.0
_TOKEN = re.compile(r"[!-~]+", re.ASCII)
PAGE = 1000


class CallFailed(StrongroomError):
    """The server refused or cannot be reached; the message is for whoever typed the command."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """The calls that the commands make. Every one returns decoded JSON or raises."""

    def __init__(
        self, server: str, *, token: str | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        """Take the address of the server, the token to show it, and whom to trust.

        Args:
            server: the address.
            token: sent with every call, if there is one.
            trust: what certificates are taken, and which is shown; usually the system's issuers.

        Raises:
            CallFailed: the address is none, or the token is none or would travel in the clear.
        """
        local = _is_loopback(server)
        if token is not None and not local and urlsplit(server).scheme != "https":
            raise CallFailed("a token is not sent over plain http to another machine, use https")
        headers = {"accept": "application/json"}
        if token is not None:
            # Here, because what is no header would be told by its content.
            if not _TOKEN.fullmatch(token):
                raise CallFailed("the token has a character that no token has")
            headers["authorization"] = f"Bearer {token}"
        # A proxy of the environment has no business between two programs of this machine.
        self._http = httpx.Client(
            base_url=server, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=not local,
            verify=True if trust is None else trust,
        )  # fmt: skip

    def walk(self, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Return every secret that the filters let through, page by page."""
        after = 0
        while page := self._call(
            "GET", "/api/secrets", params={**filters, "limit": PAGE, "after": after}
        ):
            yield from page
            after = page[-1]["id"]
            if len(page) < PAGE:
                return

    def find(self, name: str) -> tuple[int, str] | None:
        """Return the id of a secret and the entity tag of its revision, or `None`."""
        try:
            answer = self._send("GET", _path(name))
        except CallFailed as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return answer.json()["id"], answer.headers["etag"]

    def get(self, secret: str | int) -> dict[str, Any]:
        """Return what is known of a secret, by its name or its id."""
        return self._object("GET", _path(secret))

    def reveal(self, secret: str | int, version: int | None) -> dict[str, Any]:
        """Return a secret with its value, by its name or its id."""
        params = {} if version is None else {"version": version}
        return self._object("GET", f"{_path(secret)}/decrypt", params=params)

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a secret."""
        return self._object("POST", "/api/secrets", json=body)

    def update(self, number: int, etag: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a secret that nobody has changed since it was looked at."""
        return self._object("PUT", f"/api/secrets/{number}", json=body, headers={"if-match": etag})

    def delete(self, number: int, *, purge: bool) -> dict[str, Any]:
        """Put a secret into the recycle bin, or erase it."""
        params = {"purge": "true"} if purge else {}
        return self._object("DELETE", f"/api/secrets/{number}", params=params)

    def restore(self, number: int) -> dict[str, Any]:
        """Bring a secret back from the recycle bin."""
        return self._object("POST", f"/api/secrets/{number}/restore")

    def versions(self, number: int) -> list[dict[str, Any]]:
        """Return the versions of a secret, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", f"/api/secrets/{number}/versions")
        return found

    def roll_back(self, number: int, version: int) -> dict[str, Any]:
        """Make an earlier value the newest again."""
        return self._object("POST", f"/api/secrets/{number}/versions/{version}/restore")

    def keys(self) -> dict[str, Any]:
        """Return the keys, the root key and the newest rotation."""
        return self._object("GET", "/api/keys")

    def rotate(self) -> dict[str, Any]:
        """Have a new data key take over."""
        return self._object("POST", "/api/keys/rotate")

    def rotation(self, number: int) -> dict[str, Any]:
        """Return one rotation."""
        return self._object("GET", f"/api/keys/rotations/{number}")

    def destroy_key(self, key_id: str) -> dict[str, Any]:
        """Destroy a data key."""
        return self._object("DELETE", f"/api/keys/{quote(key_id, safe='')}")

    def entries(self, filters: Mapping[str, Any]) -> list[bytes]:
        """Return a page of the audit log, lines exactly as they were sent: they are hashed so."""
        answer = self._send("GET", "/api/audit", params=filters)
        lines = msgspec.json.decode(answer.content, type=list[msgspec.Raw])
        return [bytes(line) for line in lines]

    def all_entries(self, after: int) -> Iterator[bytes]:
        """Return the lines of the audit log behind a number."""
        while page := self.entries({"after": after, "limit": PAGE}):
            yield from page
            after = msgspec.json.decode(page[-1])["number"]
            if len(page) < PAGE:
                return

    def checkpoints(self) -> Iterator[dict[str, Any]]:
        """Return every checkpoint, the smallest first."""
        size = 0
        while True:
            try:
                found = self._object("GET", "/api/audit/checkpoint", params={"size": size + 1})
            except CallFailed as error:
                if error.status == httpx.codes.NOT_FOUND:
                    return
                raise
            yield found
            size = found["size"]

    def proof(self, kind: str, claim: Mapping[str, int]) -> dict[str, Any]:
        """Return a proof."""
        return self._object("GET", f"/api/audit/proof/{kind}", params=claim)

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Make any call and decode the answer."""
        return self._call(method, path, **more)

    def _object(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Make a call that answers one object."""
        answer: dict[str, Any] = self._call(method, path, **more)
        return answer

    def _call(self, method: str, path: str, **more: Any) -> Any:
        """Make a call and decode the answer."""
        return self._send(method, path, **more).json()

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Make a call.

        Raises:
            CallFailed: there is no answer, or it is a refusal.
        """
        try:
            answer = self._http.request(method, path, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _refuse_untrusted(error)
            raise CallFailed(
                f"no answer from {_shown(self._http.base_url)} ({type(error).__name__});"
                " is the server running? see --server and STRONGROOM_ADDR"
            ) from None
        if not answer.is_success:
            raise CallFailed(_detail(answer), answer.status_code)
        return answer


def token_of(environment: Mapping[str, str]) -> str | None:
    """Return the token that the environment gives, by itself or as a file."""
    if named := environment.get("STRONGROOM_TOKEN_FILE"):
        try:
            return Path(named).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CallFailed("the file that STRONGROOM_TOKEN_FILE names cannot be read") from error
    return environment.get("STRONGROOM_TOKEN") or None


def trust_of(environment: Mapping[str, str], ca: str | None) -> ssl.SSLContext | None:
    """Return whom to trust and what to show, where it is not what everybody else does.

    Raises:
        CallFailed: a file cannot be read, or is not in PEM form.
    """
    own = environment.get("STRONGROOM_CLIENT_CERT")
    if not ca and not own:
        return None
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except OSError:
        raise CallFailed(
            "the file of --ca or STRONGROOM_CA is no certificate in PEM form"
        ) from None
    try:
        if own:
            context.load_cert_chain(own, password="")
    except OSError:
        raise CallFailed(
            "STRONGROOM_CLIENT_CERT must name a file with a certificate and its key in PEM form"
        ) from None
    return context


def connect(server: str, ca: str | None = None) -> Client:
    """Return a client with the token and the certificate of this process's environment."""
    return Client(server, token=token_of(os.environ), trust=trust_of(os.environ, ca))


def _refuse_untrusted(error: Exception) -> None:
    """Say so when it is the certificate that is not trusted."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLCertVerificationError):
            raise CallFailed(
                f"the server's certificate is not trusted: {inner.verify_message};"
                " name the one to trust with --ca or STRONGROOM_CA"
            ) from None
        inner = inner.__cause__ or inner.__context__


def _path(secret: str | int) -> str:
    """Return the path of a name or an id. Every slash is encoded: no name ends in the verb."""
    if isinstance(secret, int):
        return f"/api/secrets/{secret}"
    return f"/api/secrets/name/{quote(secret, safe='', errors='surrogatepass')}"


def _detail(answer: httpx.Response) -> str:
    """Return the words of a refusal."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code} without saying why"


def _shown(url: httpx.URL) -> str:
    """Return the address without a password that may stand in it."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace').rpartition('@')[2]}"


def _is_loopback(server: str) -> bool:
    """Tell whether the address is one of this machine."""
    try:
        parts = urlsplit(server)
        host = parts.hostname
    except ValueError:
        raise CallFailed("the address of the server is not valid") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise CallFailed("the address of the server must have the form http://127.0.0.1:8000")
    return is_loopback(host)
