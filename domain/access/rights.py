"""Who a caller was found to be, and what it may do, as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.access.action import Action
from domain.access.coverage import covers
from domain.access.decision import Decision
from domain.access.grant import Grant
from domain.access.identity import Identity
from domain.access.name_filter import NameFilter
from domain.access.policy import decide, name_filter, rules_of
from domain.access.role import Role
from domain.access.rule import Rule
from domain.access.token import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The roles of a principal. `token`, or `identity`, is what it was known by."""

    principal: str
    roles: tuple[Role, ...]
    token: Token | None = None
    identity: Identity | None = None
    rules: tuple[Rule, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the rules together once: calls of one moment share them."""
        object.__setattr__(self, "rules", rules_of(self.roles))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Return all grants together."""
        return tuple(grant for role in self.roles for grant in role.grants)

    def decide(self, action: Action, names: Sequence[str]) -> Decision:
        """Decide on an action that touches secrets with these names; all must be allowed."""
        return decide(self.rules, action, names)

    def seen(self) -> NameFilter:
        """Return which names the principal may see."""
        return self.names_for(Action.READ)

    def names_for(self, action: Action) -> NameFilter:
        """Return on which names the principal may take an action on secrets."""
        return name_filter(self.rules, action)

    def cover(self, roles: Sequence[Role]) -> bool:
        """Tell whether everything that the roles allow together is allowed here."""
        return covers(self.grants, [grant for role in roles for grant in role.grants])
