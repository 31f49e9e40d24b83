"""Roles: grants under a name."""

import re
from dataclasses import dataclass, field

from domain.access.grant import MAX_NAMES, Grant
from domain.access.rule import Rule
from domain.errors import InvalidInput
from domain.secrets.secret import accept_description

MAX_ROLE_NAME = 64
MAX_GRANTS = 64

_NAME = re.compile(rf"[a-z][a-z0-9-]{{0,{MAX_ROLE_NAME - 1}}}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A list of grants that principals can be bound to.

    Raises:
        InvalidInput: the name breaks its rule, or there are no grants or too many.
    """

    name: str
    description: str | None = None
    grants: tuple[Grant, ...]
    rules: tuple[Rule, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what no store keeps or no query can hold, and number the grants once."""
        if not _NAME.fullmatch(self.name):
            raise InvalidInput(
                "name",
                f"must be 1 to {MAX_ROLE_NAME} lower-case letters, digits and '-', a letter first",
            )
        accept_description(self.description)
        if not 1 <= len(self.grants) <= MAX_GRANTS:
            raise InvalidInput("grants", f"must be 1 to {MAX_GRANTS}")
        if sum(len(grant.names) for grant in self.grants) > MAX_NAMES:
            raise InvalidInput("grants", f"must not have more than {MAX_NAMES} patterns together")
        numbered = enumerate(self.grants, 1)
        rules = tuple(Rule(role=self.name, number=count, grant=grant) for count, grant in numbered)
        object.__setattr__(self, "rules", rules)
