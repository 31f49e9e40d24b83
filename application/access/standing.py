"""What a principal holds."""

from collections.abc import Sequence

from domain.access.built_in import BUILT_IN
from domain.access.principal import MAX_BOUND, Principal, accept_principal
from domain.access.role import Role
from domain.errors import Broken, InvalidInput, NotFound
from domain.ports.storage import Session


def find_role(name: str, session: Session) -> Role | None:
    """Return a role, built in or kept, or `None`."""
    return BUILT_IN.get(name) or session.roles.find(name)


def roles_of(principal: str, session: Session) -> tuple[Role, ...]:
    """Return the roles that a principal is bound to.

    Raises:
        Broken: one of them is gone. It may have denied something, so the others do not count.
    """
    roles = [find_role(name, session) for name in session.bindings.roles_of(principal)]
    if None in roles:
        raise Broken("a role that the principal is bound to is gone, bind the principal anew")
    return tuple(role for role in roles if role is not None)


def known_roles(names: Sequence[str], session: Session) -> tuple[Role, ...]:
    """Return the roles of these names, each once.

    Raises:
        InvalidInput: there are too many, or one is not there.
    """
    unique = sorted(set(names))
    if len(unique) > MAX_BOUND:
        raise InvalidInput("roles", f"must not be more than {MAX_BOUND}")
    roles = [find_role(name, session) for name in unique]
    if None in roles:
        raise InvalidInput("roles", "must be roles that there are")
    return tuple(role for role in roles if role is not None)


def known_principal(name: str, session: Session) -> Principal:
    """Return a principal.

    Raises:
        InvalidInput: the name cannot be one.
        NotFound: there is no such principal.
    """
    principal = session.principals.find(accept_principal(name))
    if principal is None:
        raise NotFound("principal")
    return principal
