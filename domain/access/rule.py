"""Rules: the grants of roles, one by one, under the names that the audit log has for them."""

from dataclasses import dataclass, field

from domain.access.grant import Grant

MAX_RULE = 255
"""Characters that the audit log has for a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One grant of one role; grants are counted from 1."""

    role: str
    number: int
    grant: Grant
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find out once how the audit log names it."""
        names = ", ".join(pattern.text for pattern in self.grant.names)
        text = f"{self.role} {self.number}: {self.grant.effect.value} on {names}"
        text = text if len(text) <= MAX_RULE else f"{text[: MAX_RULE - 1]}…"
        object.__setattr__(self, "text", text)

    def __str__(self) -> str:
        """Return how the audit log names it."""
        return self.text
