"""Whether rights cover others: a caller can hand out only what it holds.

The answer is never yes when it should be no. It may be no when only several grants together cover
one; then the grant to be handed out has to be written in parts.
"""

from collections.abc import Iterable, Sequence

from domain.access.action import Action
from domain.access.grant import Effect, Grant
from domain.access.pattern import NamePattern


def covers(held: Sequence[Grant], given: Sequence[Grant]) -> bool:
    """Tell whether whatever `given` allows, on any name, `held` allows too."""
    return all(
        _is_allowed(held, grant.reach, pattern) and _keeps_denials(held, given, grant, pattern)
        for grant in given
        if grant.effect is Effect.ALLOW
        for pattern in grant.names
    )


def _is_allowed(held: Sequence[Grant], actions: frozenset[Action], pattern: NamePattern) -> bool:
    """Tell whether every one of the actions is allowed on all that the pattern matches."""
    return actions <= _reach_of(held, Effect.ALLOW, pattern)


def _keeps_denials(
    held: Sequence[Grant], given: Sequence[Grant], grant: Grant, pattern: NamePattern
) -> bool:
    """Tell whether what is denied to the holder within a grant is denied in `given` too."""
    return all(
        grant.reach & denial.reach <= _reach_of(given, Effect.DENY, denied)
        for denial in held
        if denial.effect is Effect.DENY
        for denied in denial.names
        if denied.meets(pattern)
    )


def _reach_of(grants: Iterable[Grant], effect: Effect, pattern: NamePattern) -> frozenset[Action]:
    """Return the actions that an effect has on all that the pattern matches."""
    return frozenset[Action]().union(
        *(
            grant.reach
            for grant in grants
            if grant.effect is effect and any(own.covers(pattern) for own in grant.names)
        )
    )
