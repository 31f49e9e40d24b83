"""What the root keys that a service keeps have in common."""

import importlib
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.loopback import is_loopback
from domain.errors import WrongRootKey
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession

CONNECT_SECONDS = 5
READ_SECONDS = 10


class ServiceRootKeySource(RootKeySource, RootKeySuccession):
    """A place whose key never leaves a service, which makes and keeps its versions itself.

    Replacing it in place means wrapping anew: that uses the newest version. Earlier ones go on
    opening what they wrapped, for as long as the service keeps them. A source holds no connection,
    so that a copy or a forked process begins with one of its own.
    """

    def propose(self) -> RootKey:
        """Return the key, whose newest version is the successor."""
        return self.load()

    def proposed(self) -> RootKey | None:
        """Return nothing: no successor lies beside the key."""
        return None

    def adopt(self, successor: RootKey) -> None:
        """Do nothing: the service has put the newest version into its place already."""


def library(module: str, *, extra: str) -> Any:
    """Return the module of a vendor's library, loaded only now.

    Raises:
        WrongRootKey: it is not installed. The message names the extra that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise WrongRootKey(
            f"the library for this root key is not installed; install it with:"
            f' pip install "strongroom[{extra}]"'
        ) from error


def parted(address: str, *, known: Collection[str]) -> tuple[str, Mapping[str, str]]:
    """Part an address from the options behind its question mark.

    Raises:
        WrongRootKey: an option is unknown, empty or given twice. The message repeats no value.
    """
    place, _, query = address.partition("?")
    try:
        pairs = parse_qsl(query, strict_parsing=True, max_num_fields=8) if query else []
    except ValueError:
        raise WrongRootKey("the options of the root key are not of the form name=value") from None
    options = dict(pairs)
    if len(options) != len(pairs) or not options.keys() <= set(known):
        raise WrongRootKey(
            f"the root key has an option that is unknown or given twice; known are"
            f" {', '.join(sorted(known))}"
        )
    return place, options


def checked_url(url: str, *, what: str) -> str:
    """Return the URL of a service, without a slash at its end.

    Raises:
        WrongRootKey: keys would travel in the clear, or it holds more than a place.
    """
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" or (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        )
        at_a_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain, at_a_place = False, False
    if not plain or not at_a_place:
        raise WrongRootKey(f"{what} has to be a URL that begins with https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise WrongRootKey(f"{what} has to be a plain URL, without a user, a query or a fragment")
    return url.rstrip("/")
