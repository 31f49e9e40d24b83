"""The policy: rules and a question in, a decision out."""

from collections.abc import Iterable, Sequence

from domain.access.action import Action
from domain.access.decision import Allowed, Decision, Refused
from domain.access.grant import Effect
from domain.access.name_filter import NameFilter
from domain.access.pattern import NamePattern
from domain.access.role import Role
from domain.access.rule import Rule

NOTHING_ALLOWS = "nothing allows it"
EVERYBODY = "everybody"
LISTED = {
    Action.LIST: Action.READ,
    Action.LIST_ACTIVITY: Action.READ_ACTIVITY,
    Action.LIST_UNREAD: Action.READ_ACTIVITY,
}
"""Lists, and the action on each of their secrets that the caller must be allowed."""


def rules_of(roles: Iterable[Role]) -> tuple[Rule, ...]:
    """Return the grants of some roles as rules."""
    return tuple(rule for role in roles for rule in role.rules)


def decide(rules: Sequence[Rule], action: Action, names: Sequence[str]) -> Decision:
    """Decide on an action that touches these names, of which all must be allowed.

    A rule that denies wins, whatever allows. Nothing that allows means no. The first name is that
    of the secret itself, which the caller sees if `secrets.read` on it is allowed.
    """
    if action is Action.WHO_AM_I:
        return Allowed(rule=EVERYBODY)
    if action in LISTED:
        return _decide_on_list(rules, LISTED[action])
    decided = [_decide_on_one(rules, action, name) for name in names or (None,)]
    refused = next((item for item in decided if isinstance(item, Refused)), None)
    if refused is None:
        return decided[0]
    return Refused(rule=refused.rule, visible=not names or sees(rules, names[0]))


def sees(rules: Sequence[Rule], name: str) -> bool:
    """Tell whether the metadata of a secret with this name may be seen."""
    return isinstance(_decide_on_one(rules, Action.READ, name), Allowed)


def name_filter(rules: Sequence[Rule], action: Action) -> NameFilter:
    """Return on which names an action on secrets is allowed, in a form that a store can look for.

    For `secrets.read` those are the names that `sees` is true for.
    """
    return NameFilter(
        allowed=_patterns(rules, action, Effect.ALLOW),
        denied=_patterns(rules, action, Effect.DENY),
    )


def _patterns(rules: Sequence[Rule], action: Action, effect: Effect) -> frozenset[NamePattern]:
    """Return the patterns of the rules about an action."""
    return frozenset(
        pattern
        for rule in rules
        if rule.grant.effect is effect and action in rule.grant.reach
        for pattern in rule.grant.names
    )


def _decide_on_list(rules: Sequence[Rule], action: Action) -> Decision:
    """Let in whoever may do this to something; what the list holds is up to the filter."""
    for rule in rules:
        if rule.grant.effect is Effect.ALLOW and action in rule.grant.reach:
            return Allowed(rule=rule.text)
    return Refused(rule=NOTHING_ALLOWS, visible=True)


def _decide_on_one(rules: Sequence[Rule], action: Action, name: str | None) -> Decision:
    """Decide on one name, or on none."""
    allowing: Rule | None = None
    for rule in rules:
        if rule.grant.concerns(action, name):
            if rule.grant.effect is Effect.DENY:
                return Refused(rule=rule.text, visible=False)
            allowing = allowing or rule
    if allowing is None:
        return Refused(rule=NOTHING_ALLOWS, visible=False)
    return Allowed(rule=allowing.text)
