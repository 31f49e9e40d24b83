"""What stands in the store unsealed, as one text that a write can be known again by.

An entry about a write carries the SHA-256 of it, so that an edit past the server is found: of the
name of a secret, which decides who may read it, as well as of a role.
"""

import hashlib
import json
from collections.abc import Iterable

from domain.access.claim_binding import ClaimBinding
from domain.access.grant import EVERY_ACTION, Grant
from domain.access.role import Role
from domain.access.token import Token
from domain.audit.encoding import moment
from domain.secrets.secret import Secret

# These texts are hashed into logs: their forms must come out the same for ever. A form that says
# more gets a new tag.


def facts_of_secret(secret: Secret) -> str:
    """Return the SHA-256 of the name, description, tags and expiry, in hexadecimal."""
    expiry = None if secret.expires_at is None else moment(secret.expires_at)
    return digest_of(
        "secret-1", secret.name, secret.description, sorted(secret.tags.items()), expiry
    )


def facts_of_role(role: Role) -> str:
    """Return the same of what a role grants."""
    grants = [
        [
            grant.effect.value,
            _words(grant),
            [pattern.text for pattern in grant.names],
        ]
        for grant in role.grants
    ]
    return digest_of("role-1", role.name, grants)


def facts_of_principal(name: str, roles: Iterable[str]) -> str:
    """Return the same of a principal and the roles that it is bound to."""
    return digest_of("principal-1", name, sorted(roles))


def facts_of_token(token: Token, *, revoked: bool) -> str:
    """Return the same of what recognises a token, and of when and from where it counts."""
    expiry = None if token.expires_at is None else moment(token.expires_at)
    return digest_of(
        "token-1", token.principal, token.digest.hex(), expiry, sorted(token.networks), revoked
    )


def facts_of_binding(binding: ClaimBinding) -> str:
    """Return the same of which claims a binding wants, and which roles it is for."""
    claims = sorted([condition.claim, condition.text] for condition in binding.conditions)
    return digest_of("binding-1", binding.issuer, claims, sorted(binding.roles))


def _words(grant: Grant) -> list[str]:
    """Write actions. Every action is one word: a later version has more of them."""
    every = grant.actions == EVERY_ACTION
    return ["*"] if every else sorted(action.value for action in grant.actions)


def digest_of(tag: str, *parts: object) -> str:
    """Return the SHA-256 of a form's name and its parts, told apart by being JSON."""
    text = json.dumps([tag, *parts], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
