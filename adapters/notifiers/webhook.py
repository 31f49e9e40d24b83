"""Webhooks: a signed HTTPS POST (Standard Webhooks 1.0.0) to an address that was checked."""

import ipaddress
import re
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from adapters.notifiers.signatures import SigningSecret
from adapters.outbound.endpoint import Endpoint
from adapters.outbound.no_answer import NoAnswer
from adapters.outbound.reachable import Network
from adapters.tracing.step import outgoing
from domain.errors import StartRefused
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.notifier_options import NotifierOptions
from domain.webhooks.notice import Notice

_TARGET = re.compile(r"[!-~]*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}", re.ASCII)
_AWAY = frozenset({408, 425, 429})
"""Statuses of the 400s that say: not now."""

_DONE = range(200, 300)
_REFUSED = range(400, 500)


class Webhook(Notifier):
    """Posts notices. Any status of the 200s means that the receiver has it."""

    def __init__(self, url: str, options: NotifierOptions) -> None:
        """Take the address and what goes with it; nothing is looked up yet.

        Raises:
            StartRefused: it has no secret, or the URL is none that notices may go to.
        """
        self._secrets = [SigningSecret(text) for text in options.secret.split()]
        if not self._secrets:
            raise StartRefused(
                "'secret' or 'secret_file': a receiver with an https URL needs a secret to sign"
                " with"
            )
        self._endpoint = _endpoint(url, options)
        self._seconds = options.seconds

    def send(self, notice: Notice, *, now: datetime) -> None:
        """Post a notice.

        Raises:
            NotDelivered: the receiver is away, has an address it must not have, or did not take it.
        """
        body = notice.body.encode("ascii")
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "strongroom",
            "webhook-id": notice.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                one.sign(notice.id, timestamp, body) for one in self._secrets
            ),
            **outgoing(),
        }
        status = self._post(headers, body)
        if status not in _DONE:
            refused = status in _REFUSED and status not in _AWAY
            raise NotDelivered(f"the receiver answered {status}", refused=refused)

    def _post(self, headers: Mapping[str, str], body: bytes) -> int:
        """Post a body and return the status of the answer: what is behind that is not looked at."""
        try:
            return self._endpoint.call(
                "POST", headers=headers, body=body, seconds=self._seconds, most=0
            ).status
        except NoAnswer as error:
            if error.status is None:
                raise NotDelivered(f"the receiver did not take it: {error}") from error
            return error.status


def _endpoint(url: str, options: NotifierOptions) -> Endpoint:
    """Take a URL apart.

    Raises:
        StartRefused: it is none that notices may go to.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise StartRefused("'url': the URL of a receiver is none") from None
    target = f"{parts.path}?{parts.query}"
    if (
        not _HOST.fullmatch(parts.hostname or "")
        or not _TARGET.fullmatch(target)
        or "@" in parts.netloc
    ):
        raise StartRefused(
            "'url': the URL of a receiver must be like https://host:port/path, in ASCII, without a"
            " user"
        )
    networks = [ipaddress.ip_network(text) for text in options.networks]
    if parts.scheme != "https" and not (
        parts.scheme == "http" and _is_allowed_loopback(parts.hostname or "", networks)
    ):
        raise StartRefused(
            "'url': the URL of a receiver must begin with https://; http:// is for an address of"
            " this machine that is in 'webhook_networks'"
        )
    return Endpoint(url, trust=_trust(options.ca), allowed=networks, setting="webhook_networks")


def _trust(ca: str) -> ssl.SSLContext:
    """Return what checks the receiver's certificate."""
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise StartRefused("the file that 'webhook_ca' names cannot be read") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_allowed_loopback(host: str, networks: Sequence[Network]) -> bool:
    """Tell whether a host is an address of this machine that notices may go to."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    inside = any(address.version == n.version and address in n for n in networks)
    return address.is_loopback and inside
