"""What keeps rights from growing: nobody gives, takes or changes more than they hold."""

from collections.abc import Iterable, Sequence

from domain.access.rights import Rights
from domain.access.role import Role
from domain.access.token import Token
from domain.errors import Denied


def require_cover(rights: Rights, *sets: Iterable[Role]) -> None:
    """Let pass only who holds everything that each of these sets of roles allows.

    Raises:
        Denied: something in them is more than the caller holds.
    """
    if not all(rights.cover(tuple(roles)) for roles in sets):
        raise Denied("this touches rights that you do not hold yourself")


def require_another(rights: Rights, principals: Sequence[str]) -> None:
    """Let pass only what changes nothing of the caller's own.

    Raises:
        Denied: the caller is one of them.
    """
    if rights.principal in principals:
        raise Denied("nobody changes their own roles, ask somebody else")


def require_unheld(rights: Rights, role: Role) -> None:
    """Let pass only what changes a role of others.

    Raises:
        Denied: the caller holds the role.
    """
    if any(held.name == role.name for held in rights.roles):
        raise Denied("nobody changes their own roles, ask somebody else")


def require_limits(rights: Rights, token: Token) -> None:
    """Let pass only a token that is limited as the one that asks for it.

    Otherwise a stolen token that expires, or counts in one network only, could make itself one
    that does not.

    Raises:
        Denied: the new token would count longer or elsewhere.
    """
    if rights.token is not None and not token.is_within(rights.token):
        raise Denied("a token that is limited can make only tokens with the same limits")
    ends = None if rights.identity is None else rights.identity.expires_at
    if ends is not None and (token.expires_at is None or token.expires_at > ends):
        raise Denied("a workload can make only tokens that end as soon as its own does")
