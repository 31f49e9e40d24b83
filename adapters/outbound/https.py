"""Getting a small document over https, with a bound on everything."""

import ssl
import time
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import httpx

from adapters.notifiers.reachable import Network
from adapters.outbound.addresses import Forbidden, checked_addresses
from adapters.outbound.limit import Limit

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
OK = 200


class NotHad(Exception):
    """The document cannot be had. The message says why, and repeats nothing of the answer."""


class Document:
    """One document at a URL of the operator's.

    No redirect is followed, no proxy of the environment is used, and the connection goes to the
    address that was checked, with the certificate checked for the name.
    """

    def __init__(
        self, url: str, *, ca_file: str = "", allowed: Sequence[Network] = (), max_bytes: int
    ) -> None:
        """Take where it is.

        Args:
            url: https, or http on this machine.
            ca_file: the issuers that are trusted instead of the system's, in PEM form.
            allowed: networks that it may lie in although they are not the public internet.
            max_bytes: how large it may be.

        Raises:
            OSError, ssl.SSLError: the file of issuers cannot be read.
        """
        self._parts = urlsplit(url)
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._trust = ssl.create_default_context(cafile=ca_file or None)

    def get(self) -> bytes:
        """Return the document.

        Raises:
            NotHad: nobody answers, or not as it should be.
        """
        host = self._parts.hostname or ""
        port = self._parts.port or {"https": 443, "http": 80}[self._parts.scheme]
        try:
            places = checked_addresses(host, port, self._allowed)
        except (OSError, UnicodeError, Forbidden) as error:
            raise NotHad(f"the host cannot be called ({_kind(error)})") from error
        until = time.monotonic() + TOTAL_SECONDS
        for place in places[:-1]:
            try:
                return self._get_from(place, host, port, until)
            except NotHad:
                continue
        return self._get_from(places[-1], host, port, until)

    def _get_from(self, place: str, host: str, port: int, until: float) -> bytes:
        """Return the document from one address."""
        at = f"[{place}]:{port}" if ":" in place else f"{place}:{port}"
        url = urlunsplit(self._parts._replace(netloc=at))
        try:
            with (
                Limit(until) as limit,
                httpx.Client(
                    verify=self._trust,
                    timeout=CONNECT_SECONDS,
                    follow_redirects=False,
                    trust_env=False,
                ) as client,
                client.stream(
                    "GET",
                    url,
                    headers={"host": self._parts.netloc, "accept-encoding": "identity"},
                    extensions={"sni_hostname": host, "trace": limit.trace},
                ) as answer,
            ):
                return self._body(answer, until)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            _check(until)
            raise NotHad(f"no answer ({_kind(error)})") from error

    def _body(self, answer: httpx.Response, until: float) -> bytes:
        """Read the answer as it comes, so that nobody can send without an end."""
        if answer.status_code != OK:
            raise NotHad(f"the answer has the status {answer.status_code}")
        body = b""
        for piece in answer.iter_raw():
            body += piece
            if len(body) > self._max_bytes:
                raise NotHad(f"the answer is larger than {self._max_bytes} bytes")
            _check(until)
        _check(until)  # what ends with the connection was perhaps cut off by us
        return body


def _check(until: float) -> None:
    """Raise `NotHad` after a moment."""
    if time.monotonic() > until:
        raise NotHad("the answer took too long")


def _kind(error: BaseException) -> str:
    """Name an error; its words may hold what a stranger sent."""
    return type(error.__cause__ or error).__name__
