"""What the use cases of bindings of claims have in common."""

from collections.abc import Sequence

from application.access.handing_out import require_cover
from application.access.standing import find_role
from domain.access.claim_binding import ClaimBinding
from domain.access.identity import Identity
from domain.access.rights import Rights
from domain.access.role import Role
from domain.audit.event import Subject
from domain.audit.facts import facts_of_binding
from domain.errors import Broken, Cause, Denied, Unauthenticated
from domain.ports.storage import Session

MAX_BINDINGS = 1000


def bindings_of(session: Session) -> Sequence[ClaimBinding]:
    """Return all bindings."""
    return session.claim_bindings.page(after=0, limit=MAX_BINDINGS)


def bound_roles(bindings: Sequence[ClaimBinding], session: Session) -> tuple[Role, ...]:
    """Return the roles of some bindings together, each once.

    Raises:
        Broken: one of them is gone. It may have denied something, so the others do not count.
    """
    names = sorted({name for binding in bindings for name in binding.roles})
    roles = [find_role(name, session) for name in names]
    if None in roles:
        raise Broken("a role that claims are bound to is gone, bind them anew")
    return tuple(role for role in roles if role is not None)


def rights_by(identity: Identity, session: Session, *, shown: str) -> Rights:
    """Return the rights of an identity, by what its claims are bound to.

    Nobody's claims are bound by themselves: an issuer such as GitHub signs for everybody, so
    whoever no binding fits is as unknown as somebody without a credential.

    Args:
        identity: who it is.
        session: where the bindings are.
        shown: what was shown to prove it, for the audit log.

    Raises:
        Unauthenticated: no binding fits.
        Broken: a role that claims are bound to is gone.
    """
    bindings = session.fitting_bindings.fitting(identity)
    if not bindings:
        raise Unauthenticated(
            f"no binding fits the claims of the {shown}", identity.principal, cause=Cause.UNBOUND
        )
    roles = bound_roles(bindings, session)
    return Rights(principal=identity.principal, roles=roles, identity=identity)


def reached(binding: ClaimBinding, session: Session) -> Sequence[tuple[Role, ...]]:
    """Return what somebody that fits a binding may hold: by it, and by each that fits them too."""
    others = (other for other in bindings_of(session) if other.meets(binding))
    return [bound_roles([item], session) for item in (binding, *others)]


def require_reach(rights: Rights, binding: ClaimBinding, session: Session) -> None:
    """Let pass only who holds whatever somebody that fits the binding may hold.

    A role may deny, so to bind one is to take rights away, and to unbind it is to give them. What
    a caller with fewer rights must not do to somebody with more.

    Raises:
        Denied: they may do what the caller may not, or the caller is one of them.
    """
    if rights.identity is not None and binding.fits(rights.identity):
        raise Denied("nobody changes their own roles, ask somebody else")
    require_cover(rights, *reached(binding, session))


def about_binding(binding: ClaimBinding) -> Subject:
    """Describe a binding to the audit log."""
    claims = ", ".join(f"{item.claim} = {item.text}" for item in binding.conditions)
    text = f"binding {binding.id} of {binding.issuer}: {', '.join(binding.roles)} for {claims}"
    return Subject(reference=text[:300], facts=facts_of_binding(binding))
