"""The laws of the policy: deny wins, lists and single readings agree, coverage never overstates."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.action import Action
from domain.access.built_in import BUILT_IN
from domain.access.coverage import covers
from domain.access.decision import Allowed, Refused
from domain.access.grant import EVERY_ACTION, MAX_NAMES, SECRET_ACTIONS, Effect, Grant
from domain.access.pattern import EVERYTHING, NamePattern
from domain.access.policy import EVERYBODY, decide, name_filter, rules_of, sees
from domain.access.role import MAX_GRANTS, Role
from domain.access.rule import MAX_RULE, Rule
from domain.errors import InvalidInput

# Few segments, so that names and patterns meet each other.
SEGMENTS = ["a", "A", "b", "é"]
NAMES = st.lists(st.sampled_from([*SEGMENTS, "*", "a*"]), min_size=1, max_size=4).map("/".join)


@st.composite
def patterns(draw: st.DrawFn) -> NamePattern:
    segments = draw(st.lists(st.sampled_from([*SEGMENTS, "*"]), max_size=3))
    segments = [s for n, s in enumerate(segments) if s != "*" or segments[:n].count("*") < 2]
    if not segments or draw(st.booleans()):
        segments.append("**")
    return NamePattern("/".join(segments))


ACTIONS = st.sampled_from(
    [
        Action.READ,
        Action.REVEAL,
        Action.UPDATE,
        Action.READ_ACTIVITY,
        Action.LIST_KEYS,
        Action.EXPLAIN,
    ]
)
GRANTS = st.builds(
    Grant,
    effect=st.sampled_from(Effect),
    actions=st.frozensets(ACTIONS, min_size=1),
    names=st.lists(patterns(), min_size=1, max_size=3).map(tuple),
)
MANY = st.lists(GRANTS, max_size=5)


def rules(grants: list[Grant]) -> tuple[Rule, ...]:
    return tuple(
        Rule(role="role", number=number, grant=grant) for number, grant in enumerate(grants, 1)
    )


def allowed(grants: list[Grant], action: Action, *names: str) -> bool:
    return isinstance(decide(rules(grants), action, names), Allowed)


def as_expression(pattern: NamePattern) -> str:
    """Say the same in another way, to compare with."""
    parts = {"*": "[^/]*", "**": ".*"}
    return "/".join(parts.get(segment, re.escape(segment)) for segment in pattern.segments)


@given(pattern=patterns(), name=NAMES)
def test_a_pattern_matches_what_its_expression_does(pattern: NamePattern, name: str) -> None:
    expected = re.fullmatch(as_expression(pattern), name, re.DOTALL) is not None
    assert pattern.matches(name) == expected


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("prod/db", ["prod/db"], ["prod/DB", "prod/db/x", "prod", "prod/d"]),
        ("prod/*", ["prod/db", "prod/*"], ["prod", "prod/a/b", "test/db", "Prod/db"]),
        ("prod/**", ["prod/db", "prod/a/b/c"], ["prod", "production/db", "test"]),
        ("*/db", ["prod/db"], ["db", "a/b/db", "prod/db2"]),
        ("*", ["a"], ["a/b"]),
        ("**", ["a", "a/b", "a//b", ""], []),
    ],
)
def test_what_stars_stand_for(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [name for name in yes + no if NamePattern(pattern).matches(name)] == yes


@pytest.mark.parametrize(
    "text",
    ["", "a*", "*a", "**/a", "a/**/b", "***", "a/b**", "/a", "a/", "a//b", "a/../b", "a\u0301",
     " a", "a\x00", "*/*/*/*/*", "x" * 256],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        NamePattern(text)


@given(one=patterns(), other=patterns(), name=NAMES)
def test_a_pattern_covers_and_meets_as_its_matches_do(
    one: NamePattern, other: NamePattern, name: str
) -> None:
    if one.covers(other) and other.matches(name):
        assert one.matches(name)
    if one.matches(name) and other.matches(name):
        assert one.meets(other)
        assert other.meets(one)
    assert one.covers(one)
    assert EVERYTHING.covers(one)
    assert EVERYTHING.meets(one)


@given(one=patterns(), other=patterns())
def test_a_pattern_that_does_not_cover_has_a_name_that_shows_it(
    one: NamePattern, other: NamePattern
) -> None:
    fixed = ["new" if segment == "*" else segment for segment in other.fixed]
    names = [[*fixed, "new"], [*fixed, *["new"] * 9]] if other.is_deep else [fixed]
    assert one.covers(other) == all(one.matches("/".join(name)) for name in names)


@given(one=patterns(), other=patterns())
def test_patterns_that_meet_have_a_name_in_common(one: NamePattern, other: NamePattern) -> None:
    if one.meets(other):
        length = max(len(one.segments), len(other.segments))
        filled = [_common(one, other, place) for place in range(length)]
        assert one.matches("/".join(filled))
        assert other.matches("/".join(filled))


def _common(one: NamePattern, other: NamePattern, place: int) -> str:
    texts = [p.fixed[place] for p in (one, other) if place < len(p.fixed)]
    return next((text for text in texts if text != "*"), "new")


@given(grants=MANY, action=ACTIONS, name=NAMES)
def test_deny_wins_and_nothing_means_no(grants: list[Grant], action: Action, name: str) -> None:
    denied = Grant(effect=Effect.DENY, actions=frozenset({action}))
    assert not allowed([*grants, denied], action, name)
    assert not allowed([grant for grant in grants if grant.effect is Effect.DENY], action, name)


@given(grants=MANY, action=ACTIONS, name=NAMES)
def test_one_more_denial_never_allows_more(grants: list[Grant], action: Action, name: str) -> None:
    without = [grant for grant in grants if grant.effect is Effect.ALLOW]
    assert not allowed(grants, action, name) or allowed(without, action, name)


@given(grants=MANY, name=NAMES)
def test_a_list_holds_exactly_what_may_be_read_one_by_one(grants: list[Grant], name: str) -> None:
    listed = name_filter(rules(grants), Action.READ).admits(name)
    assert listed == allowed(grants, Action.READ, name) == sees(rules(grants), name)
    if listed:
        assert allowed(grants, Action.LIST)


@given(grants=MANY, name=NAMES)
def test_a_list_of_activity_holds_exactly_what_may_be_looked_at_one_by_one(
    grants: list[Grant], name: str
) -> None:
    listed = name_filter(rules(grants), Action.READ_ACTIVITY).admits(name)
    assert listed == allowed(grants, Action.READ_ACTIVITY, name)
    if listed:
        assert allowed(grants, Action.LIST_ACTIVITY)
        assert allowed(grants, Action.LIST_UNREAD)
        assert sees(rules(grants), name)


@given(grants=MANY, action=ACTIONS, name=NAMES)
def test_what_may_be_done_to_a_secret_may_be_seen(
    grants: list[Grant], action: Action, name: str
) -> None:
    if action in SECRET_ACTIONS and allowed(grants, action, name):
        assert allowed(grants, Action.READ, name)


@given(grants=MANY, action=ACTIONS, first=NAMES, second=NAMES)
def test_all_names_must_be_allowed(
    grants: list[Grant], action: Action, first: str, second: str
) -> None:
    both = decide(rules(grants), action, (first, second))
    each = [allowed(grants, action, name) for name in (first, second)]
    assert isinstance(both, Allowed) == all(each)
    if isinstance(both, Refused):
        assert both.visible == sees(rules(grants), first)


@given(held=MANY, given=MANY, action=ACTIONS, name=st.one_of(st.none(), NAMES))
def test_what_is_covered_is_never_more_than_what_is_held(
    held: list[Grant], given: list[Grant], action: Action, name: str | None
) -> None:
    names = () if name is None else (name,)
    if covers(held, given) and allowed(given, action, *names):
        assert allowed(held, action, *names)


@given(grants=MANY)
def test_everybody_holds_what_they_hold(grants: list[Grant]) -> None:
    assert covers(grants, grants)
    assert covers(grants, [])
    assert covers(BUILT_IN["administrator"].grants, grants)


def test_a_denial_cannot_be_left_out_when_rights_are_handed_out() -> None:
    allow = Grant(effect=Effect.ALLOW, actions=frozenset({Action.REVEAL}))
    deny = Grant(
        effect=Effect.DENY, actions=frozenset({Action.REVEAL}), names=(NamePattern("prod/**"),)
    )
    assert not covers([allow, deny], [allow])
    assert covers([allow, deny], [allow, deny])


def test_actions_on_no_secret_are_reached_by_everything_only() -> None:
    some = Grant(
        effect=Effect.ALLOW, actions=frozenset({Action.LIST_KEYS}), names=(NamePattern("a/**"),)
    )
    every = Grant(effect=Effect.ALLOW, actions=frozenset({Action.LIST_KEYS}))
    assert not allowed([some], Action.LIST_KEYS)
    assert allowed([every], Action.LIST_KEYS)


def test_everybody_may_ask_who_they_are_and_nobody_lists_without_reading() -> None:
    assert decide((), Action.WHO_AM_I, ()) == Allowed(rule=EVERYBODY)
    assert decide((), Action.LIST, ()) == Refused(rule="nothing allows it", visible=True)


def test_a_rule_fits_into_the_audit_log() -> None:
    names = tuple(NamePattern(f"{number}/{'x' * 100}") for number in range(9))
    grant = Grant(effect=Effect.DENY, actions=frozenset({Action.READ}), names=names)
    role = Role(name="long", grants=(grant, grant))
    long, short = (str(rule) for rule in rules_of([role, BUILT_IN["reader"]])[1:])
    assert long.startswith("long 2: deny on 0/x")
    assert len(long) == MAX_RULE
    assert short == "reader 1: allow on **"


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("administrator", set(EVERY_ACTION), set()),
        ("editor", {Action.REVEAL, Action.UPDATE}, {Action.PURGE, Action.CREATE_TOKEN}),
        ("reader", {Action.REVEAL, Action.READ}, {Action.CREATE, Action.UPDATE, Action.DELETE}),
        ("viewer", {Action.READ, Action.LIST_VERSIONS}, {Action.REVEAL, Action.CREATE}),
        ("writer", {Action.CREATE, Action.UPDATE, Action.READ}, {Action.REVEAL, Action.DELETE}),
        ("auditor", {Action.EXPLAIN, Action.LIST_TOKENS}, {Action.REVEAL, Action.CREATE_TOKEN}),
    ],
)  # fmt: skip
def test_built_in_roles(role: str, may: set[Action], may_not: set[Action]) -> None:
    own = rules_of([BUILT_IN[role]])

    def holds(action: Action) -> bool:
        names = ("a/b",) if action in SECRET_ACTIONS else ()
        return isinstance(decide(own, action, names), Allowed)

    assert all(holds(action) for action in may)
    assert not any(holds(action) for action in may_not)


def grant(**changes: object) -> Grant:
    fields = {"effect": Effect.ALLOW, "actions": frozenset({Action.READ}), **changes}
    return Grant(**fields)  # type: ignore[arg-type]


def test_what_is_no_grant_or_role_is_refused() -> None:
    for broken in (
        lambda: grant(actions=frozenset()),
        lambda: grant(actions=frozenset({Action.LIST})),
        lambda: grant(names=()),
        lambda: grant(names=(EVERYTHING,) * (MAX_NAMES + 1)),
        lambda: Role(name="Upper", grants=(grant(),)),
        lambda: Role(name="n", grants=()),
        lambda: Role(name="n", grants=(grant(),) * (MAX_GRANTS + 1)),
        lambda: Role(name="n", grants=(grant(names=(EVERYTHING,) * 20),) * 2),
        lambda: Role(name="n", description="x" * 5000, grants=(grant(),)),
    ):
        with pytest.raises(InvalidInput):
            broken()
