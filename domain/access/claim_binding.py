"""Bindings of claims: whoever an issuer says this of holds these roles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.access.claims import Path, accept_text, path_of
from domain.access.identity import MAX_ISSUER, Identity
from domain.access.principal import MAX_BOUND
from domain.errors import InvalidInput
from domain.secrets.secret import accept_description

MAX_CONDITIONS = 16

_ISSUER = re.compile(rf"[a-z][a-z0-9-]{{0,{MAX_ISSUER - 1}}}", re.ASCII)


def accept_issuer(name: str) -> str:
    """Return the name that the settings give an issuer.

    Raises:
        InvalidInput: it breaks the rule.
    """
    if not _ISSUER.fullmatch(name):
        raise InvalidInput(
            "issuer",
            f"must be 1 to {MAX_ISSUER} lower-case letters, digits and '-', a letter first",
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCondition:
    """A claim and the text that it must be, exactly. Neither is ever read as a pattern.

    Raises:
        InvalidInput: one of them breaks its rule.
    """

    claim: str
    text: str
    path: Path = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find out once where the claim stands."""
        accept_text(self.text)
        object.__setattr__(self, "path", path_of(self.claim))

    def holds(self, texts: Mapping[Path, str]) -> bool:
        """Tell whether the claim is that text."""
        return texts.get(self.path) == self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBinding:
    """Roles for whoever fits every condition.

    At least one condition: an issuer such as GitHub signs for everybody.

    Raises:
        InvalidInput: a part breaks its rule, or a claim is named twice.
    """

    id: int = 0
    issuer: str
    conditions: tuple[ClaimCondition, ...]
    roles: tuple[str, ...]
    description: str | None = None
    created_at: datetime
    created_by: str

    def __post_init__(self) -> None:
        """Refuse what binds everybody, or nobody."""
        accept_issuer(self.issuer)
        accept_description(self.description)
        if not 1 <= len(self.conditions) <= MAX_CONDITIONS:
            raise InvalidInput("claims", f"must be 1 to {MAX_CONDITIONS}")
        if len({condition.path for condition in self.conditions}) != len(self.conditions):
            raise InvalidInput("claims", "must not name a claim twice")
        if not 1 <= len(self.roles) <= MAX_BOUND:
            raise InvalidInput("roles", f"must be 1 to {MAX_BOUND}")

    def fits(self, identity: Identity) -> bool:
        """Tell whether the roles are for this identity."""
        return self.issuer == identity.issuer and all(
            condition.holds(identity.texts) for condition in self.conditions
        )

    def meets(self, other: "ClaimBinding") -> bool:
        """Tell whether somebody could fit both: no claim would have to be two texts."""
        theirs = {condition.path: condition.text for condition in other.conditions}
        return self.issuer == other.issuer and all(
            theirs.get(condition.path, condition.text) == condition.text
            for condition in self.conditions
        )
