"""The JSON of the area of access. No token has a field here but the one that was just made."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.access import claim_binding, claims, identity, principal, role, token
from domain.access import grant as grants
from domain.secrets import secret

Text = Annotated[str, Meta(max_length=secret.MAX_DESCRIPTION)]
RoleName = Annotated[str, Meta(min_length=1, max_length=role.MAX_ROLE_NAME)]
PrincipalName = Annotated[str, Meta(min_length=1, max_length=principal.MAX_PRINCIPAL)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Pattern = Annotated[
    str,
    Meta(
        min_length=1, max_length=255,
        description="`*` is any one segment, `**` at the end everything below",
    ),
]  # fmt: skip
Patterns = Annotated[list[Pattern], Meta(min_length=1, max_length=grants.MAX_NAMES)]
RoleNames = Annotated[list[RoleName], Meta(max_length=principal.MAX_BOUND)]


class Grant(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Actions on names, allowed or denied. The action `*` is every action."""

    effect: Annotated[str, Meta(pattern="^(allow|deny)$")] = "allow"
    actions: Annotated[list[Word], Meta(min_length=1, max_length=100)]
    names: Annotated[list[Pattern], Meta(min_length=1, max_length=grants.MAX_NAMES)] = (
        msgspec.field(default_factory=lambda: ["**"])
    )


class NewRole(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What makes a role."""

    name: RoleName
    description: Text | None = None
    grants: Annotated[list[Grant], Meta(min_length=1, max_length=role.MAX_GRANTS)]


class RoleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What takes the place of what a role was."""

    description: Text | None = None
    grants: Annotated[list[Grant], Meta(min_length=1, max_length=role.MAX_GRANTS)]


class Role(msgspec.Struct, kw_only=True):
    """A role."""

    name: str
    description: str | None
    built_in: bool
    grants: list[Grant]


class NewPrincipal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What takes in a principal."""

    name: PrincipalName
    kind: Annotated[str, Meta(pattern="^(person|service)$")] = "service"
    roles: RoleNames = []


class PrincipalBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Exactly the roles that a principal is to hold."""

    roles: RoleNames


class Principal(msgspec.Struct, kw_only=True):
    """A principal and the names of its roles."""

    name: str
    kind: str
    created_at: datetime
    roles: list[str]


ClaimName = Annotated[
    str,
    Meta(
        min_length=1, max_length=claims.MAX_CLAIM,
        description="the name of a claim, or a JSON Pointer to one within others",
    ),
]  # fmt: skip
ClaimText = Annotated[str, Meta(min_length=1, max_length=claims.MAX_CLAIM)]


class NewClaimBinding(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What binds claims to roles; each claim must be exactly its text."""

    issuer: Annotated[str, Meta(min_length=1, max_length=identity.MAX_ISSUER)]
    claims: Annotated[
        dict[ClaimName, ClaimText], Meta(min_length=1, max_length=claim_binding.MAX_CONDITIONS)
    ]
    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=principal.MAX_BOUND)]
    description: Text | None = None


class ClaimBinding(msgspec.Struct, kw_only=True):
    """Roles of whoever an issuer says these claims of."""

    id: int
    issuer: str
    claims: dict[str, str]
    roles: list[str]
    description: str | None
    created_at: datetime
    created_by: str


class TokenBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What makes a token: of the caller itself, unless a principal is named."""

    principal: PrincipalName | None = None
    description: Text | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    networks: Annotated[
        list[Annotated[str, Meta(max_length=64)]], Meta(max_length=token.MAX_NETWORKS)
    ] = []


class Token(msgspec.Struct, kw_only=True):
    """What is known of a token; `hint` is how it begins."""

    id: int
    principal: str
    description: str | None
    hint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    networks: list[str]
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Token, kw_only=True):
    """A token that was just made. It is not shown again."""

    token: str


class Identity(msgspec.Struct, kw_only=True):
    """What an issuer said of a workload, and until when that counts."""

    issuer: str
    subject: str
    expires_at: datetime


class WhoAmI(msgspec.Struct, kw_only=True):
    """Who the caller is taken for, by which token, and what it may do."""

    principal: str
    token: Token | None
    identity: Identity | None
    roles: list[Role]


class Explained(msgspec.Struct, kw_only=True):
    """What is decided for a principal; `visible` tells whether it may see the name."""

    principal: str
    allowed: bool
    visible: bool
    rule: str


class Explanation(msgspec.Struct, kw_only=True):
    """Which rule decides for whom; `next` is where the next page begins."""

    action: str
    name: str | None
    decisions: list[Explained]
    next: str | None
