"""Grants: which actions on which names are allowed or denied."""

from dataclasses import dataclass, field
from enum import Enum

from domain.access.action import Action
from domain.access.pattern import EVERYTHING, NamePattern, any_matches
from domain.errors import InvalidInput

MAX_NAMES = 32
"""Patterns in one grant, and in one role."""

SECRET_ACTIONS = frozenset(action for action in Action if action.value.startswith("secrets."))
"""Actions on secrets of a name. Whoever may do one of them may see that the secret is there."""

EVERY_ACTION = frozenset(Action) - {
    Action.LIST,
    Action.LIST_ACTIVITY,
    Action.LIST_UNREAD,
    Action.WHO_AM_I,
}
"""What can be granted. A list holds what may be read, one of activity what may be looked at so;
everybody may ask who they are."""


class Effect(Enum):
    """What a grant does. The words are stored: only ever add to them."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions on names, allowed or denied.

    To allow an action on a secret is to allow seeing that it is there (`secrets.read`), because
    the answer tells. To deny seeing it is to deny every action on it, for the same reason.
    Actions that concern no secret are reached by the pattern `**` only.

    Raises:
        InvalidInput: it names nothing, too much, or an action that cannot be granted.
    """

    effect: Effect
    actions: frozenset[Action]
    names: tuple[NamePattern, ...] = (EVERYTHING,)
    reach: frozenset[Action] = field(init=False, repr=False, compare=False)
    is_total: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an empty grant, and find out once what it concerns."""
        if not self.actions or not self.actions <= EVERY_ACTION:
            raise InvalidInput("actions", "must be actions that can be granted, at least one")
        if not 1 <= len(self.names) <= MAX_NAMES:
            raise InvalidInput("names", f"must be 1 to {MAX_NAMES} patterns")
        object.__setattr__(self, "reach", self.actions | self._implied())
        object.__setattr__(self, "is_total", EVERYTHING in self.names)

    def concerns(self, action: Action, name: str | None) -> bool:
        """Tell whether it speaks of an action on a name, or on none."""
        if action not in self.reach:
            return False
        return self.is_total or (name is not None and any_matches(self.names, name))

    def _implied(self) -> frozenset[Action]:
        """Return the actions that follow from those that are named."""
        if self.effect is Effect.DENY:
            return SECRET_ACTIONS if Action.READ in self.actions else frozenset()
        seen = not self.actions.isdisjoint(SECRET_ACTIONS)
        return frozenset({Action.READ}) if seen else frozenset()
