"""What a policy answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The call may go on; `rule` names what allowed it."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The call may not go on; `visible` tells whether the caller may know that the secret is."""

    rule: str
    visible: bool


Decision = Allowed | Refused
