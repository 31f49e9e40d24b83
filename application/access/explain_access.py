"""Which rule decides: for one principal, or for all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.access.claim_bindings import bound_roles
from application.access.standing import known_principal, roles_of
from application.use_case import Done, RightsUseCase
from domain.access.action import Action
from domain.access.decision import Decision
from domain.access.grant import SECRET_ACTIONS
from domain.access.page import Page
from domain.access.policy import decide, rules_of
from domain.access.rights import Rights
from domain.access.role import Role
from domain.audit.event import Subject
from domain.errors import InvalidInput, NotFound
from domain.ports.storage import Session
from domain.secrets.secret import Secret

BINDING = "binding:"
"""How a binding of claims is called where a principal is; no principal has a colon."""

MAX_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAccess:
    """Ask about an action, on a name if it is one on secrets.

    Without a principal, about all: one page, behind the name of one. Workloads have no name before
    they call; in their place stand the bindings of claims, as `binding:7`, behind all principals.

    Raises:
        InvalidInput: a name is missing, or stands where there is none.
    """

    action: Action
    name: str | None = None
    principal: str | None = None
    after: str = ""
    page: Page = field(default_factory=Page)

    def __post_init__(self) -> None:
        """Refuse a question that has no answer."""
        about_name = self.action in SECRET_ACTIONS - {Action.LIST}
        if about_name and self.name is None:
            raise InvalidInput("name", "is missing; the action is one on secrets")
        if self.name is not None and not about_name:
            raise InvalidInput("name", "must not be given; the action is on no single secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What is decided for a principal, and by which rule."""

    principal: str
    decision: Decision


class ExplainAccessUseCase(RightsUseCase[ExplainAccess, Sequence[Explained]]):
    """Asks the same function that decides. Whether there is such a secret plays no part."""

    action = Action.EXPLAIN
    changes = False

    def reference(self, command: ExplainAccess) -> str:
        """Return the question."""
        return f"{command.action.value} on {command.name or 'nothing'}"[:300]

    def perform_for(
        self, rights: Rights, command: ExplainAccess, secret: Secret | None, session: Session
    ) -> Done[Sequence[Explained]]:
        """Return what is decided for whom.

        Raises:
            NotFound: there is no such principal or binding.
        """
        names = () if command.name is None else (command.name,)
        explained = [
            Explained(principal=who, decision=decide(rules_of(roles), command.action, names))
            for who, roles in _holders(command, session)
        ]
        return Done(result=explained, subject=Subject(reference=self.reference(command)))


Held = tuple[str, tuple[Role, ...]]
"""A principal, or a binding, and the roles that it holds."""


def _holders(command: ExplainAccess, session: Session) -> Sequence[Held]:
    """Return whom the question is about."""
    if command.principal is None:
        return _page(command.after, command.page.limit, session)
    if command.principal.startswith(BINDING):
        return [_bound(_number(command.principal, "principal"), session)]
    principal = known_principal(command.principal, session)
    return [(principal.name, roles_of(principal.name, session))]


def _page(after: str, limit: int, session: Session) -> Sequence[Held]:
    """Return one page: principals first, then bindings."""
    if after.startswith(BINDING):
        return _bindings(_number(after, "after"), limit, session)
    found = [
        (principal.name, roles_of(principal.name, session))
        for principal in session.principals.page(after=after, limit=limit)
    ]
    return [*found, *_bindings(0, limit - len(found), session)]


def _bindings(after: int, limit: int, session: Session) -> Sequence[Held]:
    """Return what bindings stand for."""
    return [
        (f"{BINDING}{binding.id}", bound_roles([binding], session))
        for binding in session.claim_bindings.page(after=after, limit=limit)
    ]


def _bound(number: int, session: Session) -> Held:
    """Return what one binding stands for."""
    binding = session.claim_bindings.find(number)
    if binding is None:
        raise NotFound("binding")
    return f"{BINDING}{number}", bound_roles([binding], session)


def _number(text: str, field: str) -> int:
    """Read which binding is meant."""
    digits = text.removeprefix(BINDING)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS):
        raise InvalidInput(field, f"must be the name of a principal, or {BINDING} and a number")
    return int(digits)
