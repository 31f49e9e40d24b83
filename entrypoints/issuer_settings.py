"""The settings of an issuer of signed tokens: a table `[issuers.NAME]` of `strongroom.toml`."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from adapters.certificates.issuer import ISSUER as CERTIFICATES
from adapters.http.addresses import networks
from adapters.loopback import is_loopback
from domain.access.claim_binding import accept_issuer
from domain.access.claims import accept_text, path_of
from domain.errors import InvalidInput, StartRefused
from entrypoints.faults import fault_of

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
]  # fmt: skip

SHARED = {
    "https://token.actions.githubusercontent.com": (
        "repository_owner_id", "repository_owner", "repository_id", "repository", "enterprise_id",
        "enterprise",
    ),
    "https://gitlab.com": ("namespace_id", "namespace_path", "project_id", "project_path"),
    "https://accounts.google.com": ("sub", "email", "hd"),
    "https://agent.buildkite.com": (
        "organization_id", "organization_slug", "pipeline_id", "pipeline_slug",
    ),
    "https://app.terraform.io": (
        "terraform_organization_id", "terraform_organization_name", "terraform_project_id",
        "terraform_workspace_id",
    ),
    "https://oidc.vercel.com": ("owner_id", "owner", "project_id", "project"),
}  # fmt: skip
"""Issuers that sign for everybody, and the claims that say whose workload it is. An issuer that is
not among them says so with the setting `shared`."""


class Issuer(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What one issuer is, and what its tokens must be like."""

    issuer: str
    """Its `iss`, exactly as it stands in its tokens."""

    audience: str
    """What must be among `aud`: a name for this server that no other service takes tokens for."""

    jwks_url: str = ""
    """Where its keys are fetched from: https, or http on this machine."""

    jwks_file: str = ""
    """The file that its keys are in, instead of `jwks_url`; read again when it changes."""

    jwks_ca: str = ""
    """A file of the issuers, in PEM form, whose certificates `jwks_url` may show; empty for those
    of the system."""

    jwks_networks: tuple[str, ...] = ()
    """Networks that `jwks_url` may lie in although they are not the public internet, such as
    `10.20.0.0/16`."""

    jwks_refresh_seconds: Annotated[int, Meta(ge=30, le=86400)] = 300
    """The age at which keys are fetched again; one that was removed is not accepted for longer."""

    jwks_keep_seconds: Annotated[int, Meta(ge=30, le=604800)] = 3600
    """The age up to which keys count while the issuer does not answer."""

    algorithms: Annotated[tuple[Algorithm, ...], Meta(min_length=1)] = ("RS256", "ES256")
    """What it may sign with; there are only algorithms with public keys."""

    typ: Literal["", "JWT", "at+jwt"] = ""
    """What the header must say that the token is; empty takes both, and none said."""

    max_age_seconds: Annotated[int, Meta(ge=1, le=604800)] = 3600
    """How long after `iat` a token counts at most, whatever its own end."""

    leeway_seconds: Annotated[int, Meta(ge=0, le=300)] = 30
    """How far its clock and ours may differ."""

    shared: bool = False
    """Whether it signs for others than you, too; then `required_claims` must say who is meant. The
    best known of such issuers are known to be."""

    required_claims: dict[str, str | tuple[str, ...]] = {}
    """Claims that every token must have, each with the text, or one of the texts, that it must be.
    What the bindings say comes on top."""


def explain(issuers: object) -> StartRefused:
    """Say which setting of which issuer is wrong, without its value."""
    if not isinstance(issuers, dict):
        return StartRefused("the setting 'issuers' takes tables such as [issuers.github]")
    for name, table in issuers.items():
        fault = fault_of(f"issuers.{name}", Issuer, table)
        if fault is not None:
            return StartRefused(fault)
    return StartRefused("the setting 'issuers' has a name that is none")


def check(issuers: Mapping[str, Issuer]) -> None:
    """Refuse what the types alone cannot see.

    Raises:
        StartRefused: an issuer is not told apart, not to be trusted, or not to be reached.
    """
    if CERTIFICATES in issuers:
        raise StartRefused(
            f"the setting 'issuers.{CERTIFICATES}' needs another name; that one stands for the"
            " certificates of clients"
        )
    for name, issuer in issuers.items():
        try:
            _check(issuer, accept_issuer(name))
        except InvalidInput as error:
            raise StartRefused(f"the setting 'issuers.{name}': {error.reason}") from None
    if len({issuer.issuer for issuer in issuers.values()}) != len(issuers):
        raise StartRefused("two of the 'issuers' are the same; a token must belong to one of them")


def _check(issuer: Issuer, name: str) -> None:
    """Check one issuer."""
    refused = (
        _fault_of_texts(issuer)
        or _fault_of_place(issuer)
        or _fault_of_audience(issuer)
        or _fault_of_share(issuer)
        or _fault_of_times(issuer)
    )
    if refused:
        raise StartRefused(f"the setting 'issuers.{name}' {refused}")


def _fault_of_texts(issuer: Issuer) -> str | None:
    """Say which text nothing in a token can be compared with."""
    for key in ("issuer", "audience"):
        try:
            accept_text(getattr(issuer, key))
        except InvalidInput as error:
            return f"has an '{key}' that cannot be: it {error.reason}"
    for claim, texts in issuer.required_claims.items():
        try:
            path_of(claim)
            for text in (texts,) if isinstance(texts, str) else texts:
                accept_text(text)
        except InvalidInput as error:
            return f"has 'required_claims' that cannot be: they {error.reason}"
    return None


def _fault_of_place(issuer: Issuer) -> str | None:
    """Say why keys cannot be had so."""
    if bool(issuer.jwks_url) == bool(issuer.jwks_file):
        return "needs 'jwks_url' or 'jwks_file', one of the two"
    if issuer.jwks_file:
        unused = issuer.jwks_ca or issuer.jwks_networks
        return "has what 'jwks_url' needs beside 'jwks_file'" if unused else None
    try:
        networks(issuer.jwks_networks)
    except ValueError:
        return "has 'jwks_networks' that are none such as 10.0.0.0/8, without host bits"
    return _fault_of_url(issuer.jwks_url)


def _fault_of_url(url: str) -> str | None:
    """Say why keys cannot be fetched from there."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "has a 'jwks_url' that is no URL"
    if not all("!" <= char <= "~" for char in url):
        return "has a 'jwks_url' with characters that a URL has in an escaped form only"
    if not host or port == 0 or "@" in parts.netloc or parts.fragment:
        return "has a 'jwks_url' with more, or less, than a place"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "has a 'jwks_url' without https; whoever is on the way could sign tokens"
    return None


def _fault_of_audience(issuer: Issuer) -> str | None:
    """Say why an audience is none of our own.

    Many issuers put their own address, or that of the owner, into tokens for which no audience was
    asked for. Such tokens lie about everywhere, and one that is sent to us would count elsewhere.
    """
    own = issuer.audience.rstrip("/")
    if own == issuer.issuer.rstrip("/"):
        return "has its own address as 'audience'; choose one for this server and ask for that"
    if issuer.issuer in SHARED and own.startswith("https://github.com/"):
        return (
            "has the 'audience' that GitHub gives to every token; choose one for this server and"
            " ask for that"
        )
    return None


def _fault_of_share(issuer: Issuer) -> str | None:
    """Say why an issuer would let in everybody."""
    telling = SHARED.get(issuer.issuer)
    if telling is None and issuer.shared and not issuer.required_claims:
        return "signs for others, too; say in 'required_claims' whose workloads are meant"
    if telling is None or not set(telling).isdisjoint(issuer.required_claims):
        return None
    return (
        "signs for everybody; say in 'required_claims' whose workloads are meant, by one of"
        f" {', '.join(telling)}"
    )


def _fault_of_times(issuer: Issuer) -> str | None:
    """Say why two times do not fit."""
    if issuer.jwks_keep_seconds < issuer.jwks_refresh_seconds:
        return "has 'jwks_keep_seconds' below 'jwks_refresh_seconds'"
    if any(not texts for texts in issuer.required_claims.values()):
        return "has a claim in 'required_claims' that no text would do for"
    return None
