"""Issuers that the settings name."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.jwt.issuer_keys import IssuerKeys
from domain.access.claims import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer, and what its tokens must be like.

    Attributes:
        name: how the settings call it.
        issuer: its `iss`, exactly.
        audience: what must be among `aud`: this server, and nothing else that takes tokens.
        algorithms: those that it may sign with.
        max_age: how long after `iat` a token counts at most, in seconds.
        leeway: how far its clock and ours may differ, in seconds.
        typ: what the header must say that the token is; empty for a JWT of any kind we take.
        required: claims that must be one of some texts, whatever the bindings say.
        keys: its keys.
    """

    name: str
    issuer: str
    audience: str
    algorithms: frozenset[str]
    max_age: float
    leeway: float
    typ: str
    required: Mapping[Path, frozenset[str]]
    keys: IssuerKeys
