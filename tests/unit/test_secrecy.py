"""Whatever a caller does, in whatever order, it learns nothing that the policy denies it.

Two houses differ only in what is denied to the caller: the names, descriptions and tags of what it
may not see, and the values of what it may see but not read. Both get the same commands. If one
answer differed, the caller would have learnt something.
"""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.memory import MemoryStorage
from application.access.bind_roles import BindRoles
from application.access.create_principal import CreatePrincipal
from application.access.create_role import CreateRole
from application.access.create_token import CreateToken
from application.access.explain_access import ExplainAccess
from application.access.mint_token import Minted
from application.access.remove_principal import RemovePrincipal
from application.access.replace_role import ReplaceRole
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.list_secrets import ListSecrets
from application.secrets.list_versions import ListVersions
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.restore_version import RestoreVersion
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import KEEP, UpdateSecret
from domain.access.action import Action
from domain.access.built_in import ADMINISTRATOR, BUILT_IN
from domain.access.coverage import covers
from domain.access.decision import Allowed
from domain.access.grant import SECRET_ACTIONS, Effect, Grant
from domain.access.pattern import NamePattern
from domain.access.policy import decide, rules_of, sees
from domain.access.principal import PrincipalKind
from domain.access.role import Role
from domain.errors import StrongroomError
from domain.secrets.listing import Listing, TagFilter
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from tests.contract.test_twins import plain
from tests.house import SOMEBODY, House

POOL = ["a", "a/x", "a/y", "b/x", "b/y", "c/x/z"]
PATTERNS = ["**", "a/**", "*/x", "a/x", "b/*", "a", "c/**"]
IDS = st.integers(1, 9).map(SecretId)
FREE = ["d/x", "b/w", "a/v"]
NAMES = st.sampled_from([*POOL, *FREE])
REFERENCES = st.one_of(IDS, NAMES.map(ByName))
CHOSEN = sorted(SECRET_ACTIONS - {Action.LIST} | {Action.EXPLAIN}, key=lambda item: item.value)
MOVER = (
    Grant(
        effect=Effect.ALLOW,
        actions=frozenset({Action.UPDATE}),
        names=(NamePattern("a/**"), NamePattern("b/*")),
    ),
    Grant(effect=Effect.ALLOW, actions=frozenset({Action.REVEAL}), names=(NamePattern("b/*"),)),
)
"""Whoever holds this could read what is closed to them, if moving it took no right to it."""

GRANTS = st.just(MOVER) | st.lists(
    st.builds(
        Grant,
        effect=st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
        actions=st.one_of(
            st.frozensets(st.sampled_from(CHOSEN), min_size=1, max_size=6),
            st.sampled_from([frozenset({Action.UPDATE}), frozenset({Action.REVEAL})]),
        ),
        names=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2, unique=True).map(
            lambda texts: tuple(map(NamePattern, texts))
        ),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


class TwoHouses(RuleBasedStateMachine):
    """What the caller is told in the one, and in the other."""

    def __init__(self) -> None:
        super().__init__()
        self.houses = [House(MemoryStorage(), guarded=True).opened() for _ in range(2)]

    @initialize(grants=GRANTS, deleted=st.sets(st.integers(0, 5), max_size=2))
    def fill(self, grants: tuple[Grant, ...], deleted: set[int]) -> None:
        """Fill both: what is hidden stands in another order in the second."""
        role = Role(name="caller", grants=grants)
        rules = rules_of([role])
        hidden = [name for name in POOL if not sees(rules, name)]
        swapped = dict(zip(hidden, reversed(hidden), strict=True))
        self.tokens = []
        for number, house in enumerate(self.houses):
            for place, name in enumerate(POOL):
                own = swapped.get(name, name) if number else name
                readable = isinstance(decide(rules, Action.REVEAL, (name,)), Allowed)
                differs = number if not readable else 0
                more = {"tags": {f"t{number}": "x"}, "description": f"d{number}"}
                house.create(own, f"value {place} {differs}", **(more if name in hidden else {}))
            for place in deleted:
                house.run_within(DeleteSecret(reference=SecretId(place + 1)))
            house.run_within(CreateRole(role=role))
            self.tokens.append(house.token("caller", "caller"))

    def both(self, *commands: object) -> None:
        """Run commands in both houses and compare what the caller is told."""
        one, other = (
            told(house, token, commands)
            for house, token in zip(self.houses, self.tokens, strict=True)
        )
        assert one == other

    @rule(name=NAMES, text=st.sampled_from(["mine", "other"]))
    def create(self, name: str, text: str) -> None:
        self.both(CreateSecret(name=SecretName(name), value=SecretValue(text)))

    @rule(
        reference=IDS,
        name=st.one_of(st.just(KEEP), NAMES.map(SecretName)),
        value=st.one_of(st.just(KEEP), st.just(SecretValue("set"))),
        description=st.just("changed"),
    )
    def update(self, **fields: Any) -> None:
        self.both(UpdateSecret(**fields))

    @rule(reference=st.integers(1, 6).map(SecretId), name=st.sampled_from(FREE))
    def move_and_reveal(self, reference: SecretId, name: str) -> None:
        self.both(
            UpdateSecret(reference=reference, name=SecretName(name)),
            RevealSecret(reference=reference),
        )

    @rule(reference=REFERENCES, version=st.sampled_from([None, None, 1, 2]))
    def reveal(self, reference: Any, version: int | None) -> None:
        self.both(RevealSecret(reference=reference, version=version))

    @rule(references=st.lists(REFERENCES, max_size=4))
    def reveal_many(self, references: list[Any]) -> None:
        commands = [RevealSecret(reference=reference) for reference in references]
        one, other = (
            [
                plain(item)
                for item in house.gate.submit_each(
                    replace(SOMEBODY, credential=token), commands
                ).result()
            ]
            for house, token in zip(self.houses, self.tokens, strict=True)
        )
        assert one == other

    @rule(reference=REFERENCES)
    def read(self, reference: Any) -> None:
        self.both(ReadSecret(reference=reference))

    @rule(
        query=st.sampled_from(["", "x", "d0", "d1", "a"]),
        tags=st.sampled_from([(), (TagFilter(key="t0"),), (TagFilter(key="t1"),)]),
        skip=st.integers(0, 2),
        limit=st.integers(1, 3),
        deleted=st.booleans(),
    )
    def search(self, **filters: Any) -> None:
        self.both(ListSecrets(listing=Listing(**filters)))

    @rule(reference=IDS, kind=st.sampled_from([DeleteSecret, PurgeSecret, RestoreSecret]))
    def remove_or_restore(self, reference: SecretId, kind: Any) -> None:
        self.both(kind(reference=reference))

    @rule(reference=IDS, version=st.integers(1, 3))
    def versions(self, reference: SecretId, version: int) -> None:
        self.both(
            ListVersions(reference=reference),
            RestoreVersion(reference=reference, version=version),
            DestroyVersion(reference=reference, version=version),
        )

    @rule(name=NAMES, action=st.sampled_from([Action.REVEAL, Action.UPDATE]))
    def explain(self, name: str, action: Action) -> None:
        self.both(ExplainAccess(action=action, name=name))

    @invariant()
    def lists_are_the_same(self) -> None:
        if hasattr(self, "tokens"):
            self.both(ListSecrets(), ListSecrets(listing=Listing(deleted=True)))


def told(house: House, token: Any, commands: tuple[object, ...]) -> list[object]:
    """Return what the caller is told. The permanent ids of secrets never leave."""
    answers = []
    for command in commands:
        try:
            answer = plain(house.run_as(token, command))
        except StrongroomError as error:
            answer = plain(error)
        answers.append(_bare(answer))
    return answers


def _bare(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_bare(item) for item in answer]
    return replace(answer, uid=b"") if isinstance(answer, Secret) else answer


TestTwoHouses = TwoHouses.TestCase
TestTwoHouses.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip

OFFICERS = st.lists(
    st.builds(
        Grant,
        effect=st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
        actions=st.frozensets(
            st.sampled_from([Action.REVEAL, Action.UPDATE, Action.LIST_KEYS, Action.READ]),
            min_size=1,
        ),
        names=st.sampled_from(PATTERNS).map(lambda text: (NamePattern(text),)),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
OFFICE = Role(
    name="office",
    grants=(
        Grant(
            effect=Effect.ALLOW,
            actions=frozenset(
                action
                for action in Action
                if action.value.startswith(("tokens.", "roles.", "principals."))
            ),
        ),
    ),
)
ROLE_NAMES = st.sampled_from(["one", "two", "office", "own", "blind", "reader", ADMINISTRATOR])
PEOPLE = st.sampled_from(["ann", "bob", "officer", "boss", "blinded"])


class Officer(RuleBasedStateMachine):
    """Somebody who may hand out roles and tokens tries to get at more than they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House(MemoryStorage(), guarded=True).opened()
        self.tokens: list[Any] = []

    @initialize(grants=OFFICERS, denied=OFFICERS)
    def begin(self, grants: tuple[Grant, ...], denied: tuple[Grant, ...]) -> None:
        """Let an officer begin, beside others who hold more, or are denied some of it."""
        blind = tuple(replace(grant, effect=Effect.DENY) for grant in denied)
        for role in (
            OFFICE, Role(name="own", grants=grants), Role(name="blind", grants=blind),
        ):  # fmt: skip
            self.house.run_within(CreateRole(role=role))
        self.house.token("boss", ADMINISTRATOR)
        self.house.token("blinded", "reader", "blind")
        self.tokens = [self.house.token("officer", "office", "own")]
        self.held = [*OFFICE.grants, *grants]
        self.before = {name: self.roles_of(name) for name in ("officer", "boss", "blinded")}

    def roles_of(self, name: str) -> list[Grant]:
        """Return what a principal holds."""

        def look(session: Any) -> list[Grant]:
            names = session.bindings.roles_of(name)
            roles = [BUILT_IN.get(role) or session.roles.find(role) for role in names]
            return [grant for role in roles for grant in role.grants]

        return self.house.storage.read(look).result()

    def attempt(self, which: int, command: object) -> Any:
        """Run a command as whoever a token was got of; refusals are what is hoped for."""
        try:
            return self.house.run_as(self.tokens[which % len(self.tokens)], command)
        except StrongroomError:
            return None

    @rule(which=st.integers(0, 9), name=ROLE_NAMES, grants=OFFICERS, anew=st.booleans())
    @precondition(lambda self: self.tokens)
    def role(self, which: int, name: str, grants: tuple[Grant, ...], *, anew: bool) -> None:
        role = Role(name=name, grants=grants)
        self.attempt(which, CreateRole(role=role) if anew else ReplaceRole(role=role))

    @rule(which=st.integers(0, 9), name=PEOPLE, roles=st.lists(ROLE_NAMES, max_size=3))
    @precondition(lambda self: self.tokens)
    def bind(self, which: int, name: str, roles: list[str]) -> None:
        self.attempt(which, CreatePrincipal(name=name, kind=PrincipalKind.PERSON, roles=roles))
        self.attempt(which, BindRoles(principal=name, roles=roles))

    @rule(which=st.integers(0, 9), name=PEOPLE)
    @precondition(lambda self: self.tokens)
    def token(self, which: int, name: str) -> None:
        minted: Minted | None = self.attempt(which, CreateToken(principal=name))
        if minted is not None:
            self.tokens.append(minted.credential)

    @rule(which=st.integers(0, 9), name=PEOPLE)
    @precondition(lambda self: self.tokens)
    def remove(self, which: int, name: str) -> None:
        self.attempt(which, RemovePrincipal(name=name))

    @invariant()
    def nobody_holds_more_than_the_officer_did(self) -> None:
        if not self.tokens:
            return
        for name in ("ann", "bob", "officer"):
            assert covers(self.held, self.roles_of(name)), name
        for name in ("boss", "blinded"):
            now = self.roles_of(name)
            assert now == self.before[name] or covers(self.held, now), name


TestOfficer = Officer.TestCase
TestOfficer.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
