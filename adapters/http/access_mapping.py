"""Between the JSON of the area of access and what the inside has."""

from collections.abc import Sequence

from adapters.http import access_structs as structs
from application.access.explain_access import Explained
from application.access.list_principals import Holder
from application.access.mint_token import Minted
from domain.access.action import Action
from domain.access.built_in import BUILT_IN
from domain.access.claim_binding import ClaimBinding
from domain.access.decision import Allowed
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.identity import Identity
from domain.access.pattern import NamePattern
from domain.access.rights import Rights
from domain.access.role import Role
from domain.access.token import Token
from domain.errors import InvalidInput

EVERY = "*"

_ACTIONS = {action.value: action for action in Action}


def action_of(word: str) -> Action:
    """Read an action.

    Raises:
        InvalidInput: there is no such action.
    """
    if word not in _ACTIONS:
        raise InvalidInput("action", "must be an action such as secrets.read; see docs/access.md")
    return _ACTIONS[word]


def role_of(name: str, description: str | None, grants: Sequence[structs.Grant]) -> Role:
    """Read a role.

    Raises:
        InvalidInput: a part of it breaks its rule.
    """
    return Role(name=name, description=description, grants=tuple(map(_grant_of, grants)))


def _grant_of(body: structs.Grant) -> Grant:
    """Read a grant."""
    every = body.actions == [EVERY]
    return Grant(
        effect=Effect(body.effect),
        actions=EVERY_ACTION if every else frozenset(map(action_of, body.actions)),
        names=tuple(map(NamePattern, body.names)),
    )


def role(of: Role) -> structs.Role:
    """Write out a role."""
    return structs.Role(
        name=of.name,
        description=of.description,
        built_in=of.name in BUILT_IN,
        grants=[_grant(grant) for grant in of.grants],
    )


def _grant(of: Grant) -> structs.Grant:
    """Write out a grant."""
    words = sorted(action.value for action in of.actions)
    return structs.Grant(
        effect=of.effect.value,
        actions=[EVERY] if of.actions == EVERY_ACTION else words,
        names=[pattern.text for pattern in of.names],
    )


def principal(of: Holder) -> structs.Principal:
    """Write out a principal."""
    return structs.Principal(
        name=of.principal.name,
        kind=of.principal.kind.value,
        created_at=of.principal.created_at,
        roles=list(of.roles),
    )


def claim_binding(of: ClaimBinding) -> structs.ClaimBinding:
    """Write out a binding of claims."""
    return structs.ClaimBinding(
        id=of.id,
        issuer=of.issuer,
        claims={condition.claim: condition.text for condition in of.conditions},
        roles=list(of.roles),
        description=of.description,
        created_at=of.created_at,
        created_by=of.created_by,
    )


def _identity(of: Identity) -> structs.Identity:
    """Write out who an issuer says that a workload is."""
    return structs.Identity(issuer=of.issuer, subject=of.subject, expires_at=of.expires_at)


def token(of: Token) -> structs.Token:
    """Write out what is known of a token."""
    return structs.Token(**_token_fields(of))  # type: ignore[arg-type]


def new_token(of: Minted) -> structs.NewToken:
    """Write out a token that was just made."""
    fields = _token_fields(of.token)
    return structs.NewToken(**fields, token=of.credential.reveal())  # type: ignore[arg-type]


def _token_fields(of: Token) -> dict[str, object]:
    """Write out the fields of a token."""
    return {
        "id": of.id,
        "principal": of.principal,
        "description": of.description,
        "hint": of.hint,
        "created_at": of.created_at,
        "created_by": of.created_by,
        "expires_at": of.expires_at,
        "networks": list(of.networks),
        "last_used_at": of.last_used_at,
        "revoked_at": of.revoked_at,
    }


def who(of: Rights) -> structs.WhoAmI:
    """Write out who a caller is."""
    return structs.WhoAmI(
        principal=of.principal,
        token=None if of.token is None else token(of.token),
        identity=None if of.identity is None else _identity(of.identity),
        roles=[role(item) for item in of.roles],
    )


def explained(of: Explained) -> structs.Explained:
    """Write out a decision."""
    allowed = isinstance(of.decision, Allowed)
    return structs.Explained(
        principal=of.principal,
        allowed=allowed,
        visible=True if isinstance(of.decision, Allowed) else of.decision.visible,
        rule=of.decision.rule,
    )
