"""Calls over HTTP/1.1 to where the operator's settings say, within bounds of time and size."""

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from adapters.outbound.limit import Limit
from adapters.outbound.no_answer import NoAnswer
from adapters.outbound.reachable import Address, Network, addresses_of

CONNECT_SECONDS = 5.0
"""How long one address may take to accept a connection: there may be others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; of the body no more than was asked for, and one piece beyond."""

    status: int
    body: bytes


class NotConnected(NoAnswer):
    """One address takes no connection: nothing was sent."""


class Endpoint:
    """One URL of the operator's.

    The connection goes to an address that was checked, with the certificate checked for the name.
    No redirect is followed, no cookie is kept, no proxy of the environment is known: those are the
    work of httpx's client, and this uses its transport alone.
    """

    def __init__(
        self, url: str, *, trust: ssl.SSLContext, allowed: Sequence[Network], setting: str
    ) -> None:
        """Take where it is; nothing is looked up yet.

        Args:
            url: https, or http on this machine.
            trust: whose certificates count.
            allowed: networks that it may lie in although they are not the public internet.
            setting: what the operator calls those networks.
        """
        parts = urlsplit(url)
        usual = {"https": 443, "http": 80}[parts.scheme]
        self.trust = trust
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or usual
        self.authority = _bracketed(self._host)
        if self._port != usual:
            self.authority += f":{self._port}"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._allowed = allowed
        self._setting = setting

    def call(
        self,
        method: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
        most: int,
    ) -> Answer:
        """Call the first address that takes a connection.

        Args:
            method: the verb.
            headers: what to send besides the host.
            body: what to send.
            seconds: how long everything may take but the look-up of the name.
            most: bytes of the answer's body after which no more is read.

        Raises:
            NoAnswer: no address takes a connection, or there is no whole answer in time.
        """
        *others, last = addresses_of(self._host, self._port, self._allowed, self._setting)
        until = time.monotonic() + seconds
        for address in others:
            try:
                return self._call(self._request(address, method, headers, body), most, until)
            except NotConnected:
                continue
        return self._call(self._request(last, method, headers, body), most, until)

    def _request(
        self, address: Address, method: str, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Request:
        """Write a request to one address."""
        fields = {"host": self.authority, "accept-encoding": "identity", "connection": "close"}
        return httpx.Request(
            method,
            f"{self._scheme}://{_bracketed(str(address))}:{self._port}/",
            headers={**fields, **headers},
            content=body,
            extensions={"sni_hostname": self._host, "target": self._target.encode("ascii")},
        )

    def _call(self, request: httpx.Request, most: int, until: float) -> Answer:
        """Send a request over a connection of its own."""
        left = max(until - time.monotonic(), 0.001)
        timeout = httpx.Timeout(left, connect=min(left, CONNECT_SECONDS))
        status: int | None = None
        try:
            with Limit(until) as limit, httpx.HTTPTransport(verify=self.trust) as transport:
                request.extensions |= {"timeout": timeout.as_dict(), "trace": limit.trace}
                answer = transport.handle_request(request)
                status = answer.status_code
                return Answer(status=status, body=_body(answer, most, until))
        except (httpx.TransportError, OSError) as error:
            _require_time(until, status)
            raise _failure(error, status) from error


def _body(answer: httpx.Response, most: int, until: float) -> bytes:
    """Read the body as it comes, so that nobody can send without an end."""
    body = b""
    for piece in answer.iter_raw():
        body += piece
        if len(body) > most:
            break
        _require_time(until, answer.status_code)
    # What ends with the connection was perhaps cut off by us.
    _require_time(until, answer.status_code)
    return body


def _require_time(until: float, status: int | None) -> None:
    """Raise `NoAnswer` after a moment."""
    if time.monotonic() > until:
        raise NoAnswer("it does not answer in time", status)


def _failure(error: BaseException, status: int | None) -> NoAnswer:
    """Say why there is no answer. Names of errors are told; their words may be a stranger's."""
    root = error
    while (inner := root.__cause__ or root.__context__) is not None:
        root = inner
    if isinstance(root, ssl.SSLCertVerificationError):
        return NotConnected(f"its certificate is not trusted: {root.verify_message}")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return NotConnected(f"it takes no connection ({type(root).__name__})")
    return NoAnswer(f"there is no answer ({type(root).__name__})", status)


def _bracketed(host: str) -> str:
    """Return a host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
