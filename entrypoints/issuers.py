"""The issuers of signed tokens that the settings name, put together."""

import stat
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from adapters.http.addresses import networks
from adapters.jwt import issuer as inside
from adapters.jwt.fetched_keys import FetchedKeys, Times
from adapters.jwt.issuer_keys import IssuerKeys, KeysAway
from adapters.jwt.key_set import MAX_BYTES
from adapters.jwt.keys_in_file import KeysInFile
from adapters.jwt.verifier import JwtVerifier
from adapters.outbound.document import Document
from domain.access.claims import path_of
from domain.access.signed_token import SignedToken
from domain.errors import StartRefused
from domain.ports.clock import Clock
from domain.ports.verifier import Verifier
from entrypoints.issuer_settings import Issuer
from entrypoints.settings import Settings

FETCHING_AT_ONCE = 4
"""Issuers that are asked side by side; one that is slow must not hold up the others."""


def build_verifier(settings: Settings, clock: Clock) -> Verifier[SignedToken]:
    """Return what verifies signed tokens of all issuers.

    Raises:
        StartRefused: a file that an issuer needs cannot be read.
    """
    elsewhere = ThreadPoolExecutor(FETCHING_AT_ONCE, thread_name_prefix="issuers")
    issuers = [
        inside.Issuer(
            name=name,
            issuer=issuer.issuer,
            audience=issuer.audience,
            algorithms=frozenset(issuer.algorithms),
            max_age=issuer.max_age_seconds,
            leeway=issuer.leeway_seconds,
            typ=issuer.typ.lower(),
            required={
                path_of(claim): frozenset(_texts(texts))
                for claim, texts in issuer.required_claims.items()
            },
            keys=_keys(name, issuer, elsewhere),
        )
        for name, issuer in settings.issuers.items()
    ]
    return JwtVerifier(issuers, clock=clock)


def check_issuers(settings: Settings) -> None:
    """See that the files that issuers need are there, and that nobody else can write them.

    Raises:
        StartRefused: one is not.
    """
    for name, issuer in settings.issuers.items():
        if issuer.jwks_file:
            _check_file(name, Path(issuer.jwks_file))
        else:
            _document(name, issuer)


def _check_file(name: str, path: Path) -> None:
    """See that keys can be read, and by whom they can be changed."""
    try:
        KeysInFile(path, issuer=name).current()
        mode = path.stat().st_mode
    except (KeysAway, OSError):
        raise StartRefused(
            f"the setting 'issuers.{name}': the file {path} cannot be read, or has no JSON with"
            " 'keys'; it is what the issuer shows at its jwks_uri"
        ) from None
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StartRefused(
            f"the setting 'issuers.{name}': others can write the file {path}, and so sign tokens;"
            f" run: chmod go-w {path}"
        )


def _keys(name: str, issuer: Issuer, elsewhere: Executor) -> IssuerKeys:
    """Return the keys of an issuer; nobody is asked yet."""
    if issuer.jwks_file:
        return KeysInFile(Path(issuer.jwks_file), issuer=name)
    times = Times(refresh=issuer.jwks_refresh_seconds, keep=issuer.jwks_keep_seconds)
    return FetchedKeys(_document(name, issuer), issuer=name, times=times, elsewhere=elsewhere)


def _document(name: str, issuer: Issuer) -> Document:
    """Return the set of keys at a URL."""
    try:
        return Document(
            issuer.jwks_url,
            ca_file=issuer.jwks_ca,
            allowed=networks(issuer.jwks_networks),
            setting=f"issuers.{name}.jwks_networks",
            max_bytes=MAX_BYTES,
        )
    except OSError as error:
        raise StartRefused(
            f"the setting 'issuers.{name}.jwks_ca' names a file without certificates"
            f" ({type(error).__name__})"
        ) from None


def _texts(given: str | Iterable[str]) -> Iterable[str]:
    """Return one text, or several, as several."""
    return (given,) if isinstance(given, str) else given
