"""Webhooks: a signed HTTPS POST (Standard Webhooks 1.0.0) to an address that was checked."""

import ipaddress
import re
import ssl
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from adapters.notifiers.one_post import Place, post
from adapters.notifiers.reachable import Network, addresses_of
from adapters.notifiers.signatures import SigningSecret
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
        self._networks = [ipaddress.ip_network(text) for text in options.networks]
        self._place = _place(url, options.ca, self._networks)
        self._seconds = options.seconds

    def send(self, notice: Notice, *, now: datetime) -> None:
        """Post a notice.

        Raises:
            NotDelivered: the receiver is away, has an address it must not have, or did not take it.
        """
        addresses = addresses_of(self._place.host, self._place.port, self._networks)
        body = notice.body.encode("ascii")
        timestamp = int(now.timestamp())
        signatures = " ".join(one.sign(notice.id, timestamp, body) for one in self._secrets)
        status = post(
            self._place,
            addresses,
            headers={
                "content-type": "application/json",
                "user-agent": "strongroom",
                "webhook-id": notice.id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signatures,
                **outgoing(),
            },
            body=body,
            seconds=self._seconds,
        )
        if status not in _DONE:
            refused = status in _REFUSED and status not in _AWAY
            raise NotDelivered(f"the receiver answered {status}", refused=refused)


def _place(url: str, ca: str, networks: Sequence[Network]) -> Place:
    """Take a URL apart.

    Raises:
        StartRefused: it is none that notices may go to.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise StartRefused("'url': the URL of a receiver is none") from None
    host = parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _HOST.fullmatch(host) or not _TARGET.fullmatch(target) or "@" in parts.netloc:
        raise StartRefused(
            "'url': the URL of a receiver must be like https://host:port/path, in ASCII, without a"
            " user"
        )
    tls = _tls(parts, host, ca, networks)
    usual = 80 if tls is None else 443
    return Place(host=host, port=port or usual, target=target, tls=tls)


def _tls(
    parts: SplitResult, host: str, ca: str, networks: Sequence[Network]
) -> ssl.SSLContext | None:
    """Return what checks the receiver's certificate; `None` for a neighbour on this machine."""
    if parts.scheme == "https":
        try:
            context = ssl.create_default_context(cafile=str(Path(ca)) if ca else None)
        except OSError as error:
            raise StartRefused("the file that 'webhook_ca' names cannot be read") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
    if _is_allowed_loopback(host, networks):
        return None
    raise StartRefused(
        "'url': the URL of a receiver must begin with https://; http:// is for an address of this"
        " machine that is in 'webhook_networks'"
    )


def _is_allowed_loopback(host: str, networks: Sequence[Network]) -> bool:
    """Tell whether a host is an address of this machine that notices may go to."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    inside = any(address.version == n.version and address in n for n in networks)
    return address.is_loopback and inside
