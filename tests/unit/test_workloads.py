"""Bindings of claims through the gate: what a workload may do, and who may let it."""

import pickle
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory import MemoryStorage
from application.absent import Absent
from application.access.claim_bindings import MAX_BINDINGS
from application.access.create_binding import CreateBinding
from application.access.create_role import CreateRole
from application.access.create_token import CreateToken
from application.access.explain_access import ExplainAccess
from application.access.list_bindings import ListBindings
from application.access.mint_token import TokenLimits
from application.access.remove_binding import RemoveBinding
from application.access.remove_role import RemoveRole
from application.access.replace_role import ReplaceRole
from application.access.who_am_i import WhoAmI
from application.secrets.reveal_secret import RevealSecret
from domain.access.action import Action
from domain.access.caller import AnyCredential, Caller
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.claims import path_of, texts_of
from domain.access.decision import Allowed
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.identity import Identity
from domain.access.page import Page
from domain.access.pattern import NamePattern
from domain.access.principal import accept_principal
from domain.access.role import Role
from domain.access.signed_token import MAX_SIGNED_TOKEN, SignedToken, looks_signed
from domain.audit.event import Outcome
from domain.errors import (
    Broken,
    Denied,
    InvalidInput,
    NotFound,
    RoleInUse,
    Unauthenticated,
    Unavailable,
    UnknownFormat,
)
from domain.secrets.reference import ByName
from tests.fakes import START, Vouched
from tests.house import SOMEBODY, House

SHOP = {"repository": "acme/shop", "ref": "refs/heads/main", "kubernetes.io": {"namespace": "shop"}}
MAIN = {"repository": "acme/shop", "ref": "refs/heads/main"}
REVEAL = RevealSecret(reference=ByName("team/a"))


@pytest.fixture
def house() -> House:
    house = House(MemoryStorage(), guarded=True).opened()
    house.create("team/a", "the value")
    house.run_within(CreateRole(role=role("team", Action.REVEAL)))
    return house


def role(name: str, *actions: Action, effect: Effect = Effect.ALLOW, on: str = "team/**") -> Role:
    """Return a role of one grant."""
    grant = Grant(effect=effect, actions=frozenset(actions), names=(NamePattern(on),))
    return Role(name=name, grants=(grant,))


def shown(
    house: House, claims: dict[str, Any] | None = None, issuer: str = "github"
) -> SignedToken:
    """Return a token that an issuer vouches for."""
    assert isinstance(house.verifier, Vouched)
    subject = "repo:acme/shop:ref:refs/heads/main"
    return house.verifier.token(SHOP if claims is None else claims, subject=subject, issuer=issuer)


def bind(house: House, claims: dict[str, str] | None = None, *roles: str, **more: Any) -> int:
    """Bind claims to roles."""
    command = CreateBinding(
        issuer="github", claims=MAIN if claims is None else claims, roles=roles or ("team",)
    )
    for name, value in more.items():
        object.__setattr__(command, name, value)
    bound: ClaimBinding = house.run_within(command)
    return bound.id


def refusal(house: House, credential: AnyCredential, command: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  which one, the test says
        house.run_as(credential, command)
    return caught.value


def helper(house: House, *more: Role) -> AnyCredential:
    """Return a token of somebody who may look after access, and reveal what belongs to the team."""
    access = frozenset(
        action for action in EVERY_ACTION if not action.value.startswith(("secrets.", "keys."))
    )
    whole = Grant(effect=Effect.ALLOW, actions=access)
    house.run_within(CreateRole(role=Role(name="helper", grants=(whole,))))
    return house.token("helper", "helper", "team", *(item.name for item in more))


def unreadable(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a binding that is there say what no version knows."""

    def find(*_: object) -> None:
        raise UnknownFormat("a binding of claims cannot be read")

    repository = house.storage.read(lambda session: type(session.claim_bindings)).result()
    monkeypatch.setattr(repository, "find", find)


def test_whoever_may_do_everything_removes_a_binding_that_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = house.run_within(
        CreateBinding(issuer="github", claims={"ref": "main"}, roles=["viewer"])
    )
    some = house.token("some", "reader")
    everything = house.token("everything", "administrator")
    unreadable(house, monkeypatch)
    with pytest.raises(Denied):
        house.run_as(some, RemoveBinding(number=kept.id))
    assert house.run_as(everything, RemoveBinding(number=kept.id)) is None
    assert house.events()[-1].subject.reference == f"binding {kept.id}: it could not be read"
    left = house.storage.read(lambda s: s.claim_bindings.page(after=0, limit=9)).result()
    assert kept.id not in [binding.id for binding in left]


def test_a_workload_has_the_roles_that_its_claims_are_bound_to(house: House) -> None:
    number = bind(house)
    token = shown(house)
    assert house.run_as(token, REVEAL).value.reveal() == "the value"
    event = house.events()[-1]
    assert event.principal == "jwt:github:repo:acme/shop:ref:refs/heads/main"
    assert event.rule == "team 1: allow on team/**"
    rights = house.run_as(token, WhoAmI())
    assert rights.identity.subject == "repo:acme/shop:ref:refs/heads/main"
    house.run_within(RemoveBinding(number=number))
    assert isinstance(refusal(house, token, REVEAL), Unauthenticated)


def test_bindings_that_fit_add_up_and_a_denial_wins(house: House) -> None:
    house.run_within(CreateRole(role=role("blind", Action.READ, effect=Effect.DENY)))
    bind(house)
    token = shown(house)
    assert house.run_as(token, REVEAL).value.reveal() == "the value"
    number = bind(house, {"/kubernetes.io/namespace": "shop"}, "blind", "viewer")
    assert isinstance(refusal(house, token, REVEAL), NotFound)
    house.run_within(RemoveBinding(number=number))
    assert house.run_as(token, REVEAL).value.reveal() == "the value"


def test_whom_no_binding_fits_is_not_known(house: House) -> None:
    bind(house)
    for claims, issuer in (
        ({"repository": "acme/shop", "ref": "refs/heads/other"}, "github"),
        ({"repository": "acme/shop"}, "github"),
        ({**MAIN, "ref": ["refs/heads/main"]}, "github"),
        ({**MAIN, "repository": "ACME/shop"}, "github"),
        (MAIN, "gitlab"),
    ):
        caught = refusal(house, shown(house, claims, issuer), REVEAL)
        assert isinstance(caught, Unauthenticated)
        event = house.events()[-1]
        assert (event.outcome, event.reason) == (
            Outcome.DENIED, "no binding fits the claims of the token",
        )  # fmt: skip
        assert event.principal.startswith(f"jwt:{issuer}:")
    forged = refusal(house, SignedToken("eyX.a.b"), REVEAL)
    assert str(forged) == str(caught)
    assert house.events()[-1].principal == "nobody"


class Late(Vouched):
    """Vouches only after its keys were fetched."""

    def __init__(self, *, ever: bool = True) -> None:
        super().__init__()
        self.fetched = 0
        self._ever = ever

    def verify(self, token: SignedToken) -> Identity:
        if not (self.fetched and self._ever):
            raise Absent("keys are away", what="issuer github", fetch=self._fetch)
        return super().verify(token)

    def _fetch(self) -> Future[None]:
        self.fetched += 1
        done: Future[None] = Future()
        done.set_result(None)
        return done


def late_house(*, ever: bool) -> House:
    house = House(MemoryStorage(), guarded=True, verifier=Late(ever=ever)).opened()
    house.create("team/a", "the value")
    house.run_within(CreateRole(role=role("team", Action.REVEAL)))
    bind(house)
    return house


WAYS_TO_ASK: list[Callable[[House, Caller], Future[Any]]] = [
    lambda house, caller: house.gate.admit(caller, Action.WHO_AM_I),
    lambda house, caller: house.gate.submit(caller, REVEAL),
    lambda house, caller: house.gate.submit_each(caller, [REVEAL, REVEAL]),
]


def test_keys_of_an_issuer_are_fetched_once_for_each_way_to_ask() -> None:
    for ask in WAYS_TO_ASK:
        house = late_house(ever=True)
        caller = replace(SOMEBODY, credential=shown(house))
        assert ask(house, caller).result()
        never_had = late_house(ever=False)
        outcome = ask(never_had, replace(SOMEBODY, credential=shown(never_had)))
        error = outcome.exception() or outcome.result()[0]
        assert isinstance(error, Unavailable)
        assert isinstance(house.verifier, Late)
        assert isinstance(never_had.verifier, Late)
        assert (house.verifier.fetched, never_had.verifier.fetched) == (1, 1)


def test_a_credential_of_another_kind_finds_no_way(house: House) -> None:
    for nothing in (None, SignedToken("ey.."), SignedToken("ey" + "a" * MAX_SIGNED_TOKEN + ".b.c")):
        assert isinstance(refusal(house, nothing, REVEAL), Unauthenticated)  # type: ignore[arg-type]


def test_a_signed_token_is_told_apart_and_never_written_down() -> None:
    token = SignedToken("eyA.b.c")
    assert (token.reveal(), token.is_well_formed, "eyA" in repr(token)) == ("eyA.b.c", True, False)
    assert SignedToken("eyA.b.").is_well_formed
    assert not any(SignedToken(text).is_well_formed for text in ("eyA.b", "ey=.b.c", "eyA.b.c.d"))
    assert [looks_signed(text) for text in ("eyA.b.c", "srt_a.b.c", "eyA.b", "eyA.b.c.d.e")] == [
        True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(TypeError):
        pickle.dumps(token)


def test_no_principal_of_the_store_has_the_name_of_a_workload(house: House) -> None:
    bind(house)
    name = house.run_as(shown(house), WhoAmI()).principal
    with pytest.raises(InvalidInput):
        accept_principal(name)


def test_only_who_holds_them_binds_roles(house: House) -> None:
    token = helper(house)
    claims = {"repository": "acme/other"}
    wide = CreateBinding(issuer="github", claims=claims, roles=("reader",))
    assert isinstance(refusal(house, token, wide), Denied)
    narrow = CreateBinding(issuer="github", claims=claims, roles=("team",), description="theirs")
    kept = house.run_as(token, narrow)
    assert (kept.created_by, kept.created_at, kept.description) == ("helper", START, "theirs")
    assert list(house.run_as(token, ListBindings())) == [kept]
    assert house.run_as(token, RemoveBinding(number=kept.id)) == kept
    assert isinstance(refusal(house, token, RemoveBinding(number=kept.id)), NotFound)


def test_bindings_of_workloads_that_may_do_more_are_out_of_reach(house: House) -> None:
    house.run_within(CreateRole(role=role("blind", Action.REVEAL, effect=Effect.DENY)))
    token = helper(house)
    more = bind(house, {"repository": "acme/vault"}, "administrator")
    less = bind(house, {"ref": "refs/heads/main"}, "blind")
    for command in (
        RemoveBinding(number=more),
        # Without it, whoever works on the vault from this branch would be blind no more.
        RemoveBinding(number=less),
        CreateBinding(issuer="github", claims={"repository": "acme/vault"}, roles=("team",)),
        CreateBinding(issuer="github", claims={"actor": "anne"}, roles=("blind",)),
        ReplaceRole(role=role("blind", Action.LIST_TOKENS, on="**")),
    ):
        assert isinstance(refusal(house, token, command), Denied)
    apart = CreateBinding(
        issuer="github",
        claims={"repository": "acme/shop", "ref": "refs/heads/x"},
        roles=("team",),
    )
    assert house.run_as(token, apart).roles == ("team",)


def test_nobody_changes_the_roles_of_their_own_claims(house: House) -> None:
    mine = bind(house, MAIN, "administrator", "team")
    token = shown(house)
    for command in (
        RemoveBinding(number=mine),
        CreateBinding(issuer="github", claims={"ref": "refs/heads/main"}, roles=("team",)),
        ReplaceRole(role=role("team", Action.READ)),
    ):
        assert "own roles" in str(refusal(house, token, command))
    other = CreateBinding(issuer="github", claims={"ref": "refs/heads/x"}, roles=("team",))
    assert house.run_as(token, other).created_by.startswith("jwt:github:")


def test_a_workload_makes_only_tokens_that_end_with_its_own(house: House) -> None:
    bind(house, MAIN, "administrator")
    house.token("ci", "reader")
    token = shown(house)
    until = house.run_as(token, WhoAmI()).identity.expires_at
    for limits in (TokenLimits(), TokenLimits(expires_at=until.replace(year=2099))):
        made = CreateToken(principal="ci", limits=limits)
        assert isinstance(refusal(house, token, made), Denied)
    within = CreateToken(principal="ci", limits=TokenLimits(expires_at=until))
    assert house.run_as(token, within).token.created_by.startswith("jwt:github:")
    assert isinstance(refusal(house, token, CreateToken()), InvalidInput)


def test_a_role_that_claims_are_bound_to_stays(house: House) -> None:
    number = bind(house)
    with pytest.raises(RoleInUse):
        house.run_within(RemoveRole(name="team"))
    house.run_within(RemoveBinding(number=number))
    assert house.run_within(RemoveRole(name="team")).name == "team"


def test_a_role_that_is_gone_lets_no_workload_in(house: House) -> None:
    bind(house)
    house.storage.write(lambda s: s.roles.remove("team")).result()
    assert isinstance(refusal(house, shown(house), REVEAL), Broken)


def test_a_changed_role_holds_with_the_next_call(house: House) -> None:
    bind(house)
    token = shown(house)
    house.run_within(ReplaceRole(role=role("team", Action.READ)))
    assert isinstance(refusal(house, token, REVEAL), Denied)


def test_explanations_have_a_place_for_workloads(house: House) -> None:
    admin = house.token("boss", "administrator")
    bind(house)
    bind(house, {"ref": "refs/heads/x"}, "viewer")
    question: dict[str, Any] = {"action": Action.REVEAL, "name": "team/a"}
    found = house.run_as(admin, ExplainAccess(**question))
    assert [(item.principal, isinstance(item.decision, Allowed)) for item in found] == [
        ("boss", True), ("binding:1", True), ("binding:2", False),
    ]  # fmt: skip
    pages, after = [], ""
    while page := house.run_as(admin, ExplainAccess(**question, after=after, page=Page(limit=1))):
        after = page[-1].principal
        pages.append(after)
    assert pages == ["boss", "binding:1", "binding:2"]
    (one,) = house.run_as(admin, ExplainAccess(**question, principal="binding:2"))
    assert one.principal == "binding:2"
    absent = ExplainAccess(**question, principal="binding:9")
    assert isinstance(refusal(house, admin, absent), NotFound)
    for wrong in ("binding:", "binding:x", "binding:²", f"binding:{10**18}"):
        unclear = ExplainAccess(**question, principal=wrong)
        assert isinstance(refusal(house, admin, unclear), InvalidInput)


def test_there_is_an_end_to_bindings(house: House) -> None:
    number = bind(house)
    first = house.storage.read(lambda s: s.claim_bindings.find(number)).result()
    assert first is not None

    def fill(session: Any) -> None:
        for _ in range(MAX_BINDINGS - 1):
            session.claim_bindings.add(first)

    house.storage.write(fill).result()
    with pytest.raises(InvalidInput):
        bind(house)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("issuer", {"issuer": "elsewhere"}),
        ("issuer", {"issuer": "Git:hub"}),
        ("claims", {"claims": {}}),
        ("claims", {"claims": {str(n): "x" for n in range(17)}}),
        ("claims", {"claims": {"ref": "x", "/ref": "y"}}),
        ("claims", {"claims": {"": "x"}}),
        ("claims", {"claims": {"a\u200bb": "x"}}),
        ("claims", {"claims": {"\ud800": "x"}}),
        ("claims", {"claims": {"a" * 256: "x"}}),
        ("claims", {"claims": {"/a~2": "x"}}),
        ("claims", {"claims": {"ref": ""}}),
        ("claims", {"claims": {"ref": "a\nb"}}),
        ("claims", {"claims": {"ref": "a\ud800"}}),
        ("claims", {"claims": {"ref": "x" * 256}}),
        ("roles", {"roles": []}),
        ("roles", {"roles": ["absent"]}),
        ("roles", {"roles": ["team"] * 9}),
        ("description", {"description": "\x00"}),
    ],
)
def test_a_binding_that_cannot_be_meant_is_refused(
    house: House, field: str, changes: dict[str, Any]
) -> None:
    command = {"issuer": "github", "claims": MAIN, "roles": ("team",), **changes}
    with pytest.raises(InvalidInput) as caught:
        house.run_within(CreateBinding(**command))
    assert caught.value.field == field


def test_pointers_reach_into_claims_and_names_do_not() -> None:
    assert path_of("kubernetes.io") == ("kubernetes.io",)
    assert path_of("/kubernetes.io/namespace") == ("kubernetes.io", "namespace")
    assert path_of("/a~1b~0c~01/") == ("a/b~c~1", "")
    assert texts_of({"a": {"b": "x", "c": [{"d": "y"}]}, "e": None, "f": True, "g": "z"}) == {
        ("a", "b"): "x", ("g",): "z",
    }  # fmt: skip


def test_bindings_meet_unless_a_claim_would_have_to_be_two_texts() -> None:
    def made(issuer: str = "github", **claims: str) -> ClaimBinding:
        conditions = tuple(ClaimCondition(claim=name, text=text) for name, text in claims.items())
        return ClaimBinding(
            issuer=issuer, conditions=conditions, roles=("r",), created_at=START, created_by="a"
        )

    assert made(ref="x").meets(made(ref="x", repository="y"))
    assert made(ref="x").meets(made(repository="y"))
    assert not made(ref="x", repository="y").meets(made(ref="z"))
    assert not made(ref="x").meets(made("gitlab", ref="x"))


_texts = st.sampled_from(["acme/shop", "refs/heads/main", "*", "**", "shop", "team", "1", ""])
_claims = st.recursive(
    st.one_of(_texts, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*SHOP, "roles", "namespace", "/ref"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.dictionaries(st.sampled_from([*SHOP, "roles", "sub", "scope"]), _claims))
def test_no_claim_gives_more_than_the_bindings_say(claims: dict[str, Any]) -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    house.run_within(CreateRole(role=role("team", Action.REVEAL)))
    wanted = {"team": MAIN, "viewer": {"/kubernetes.io/namespace": "shop"}}
    for name, conditions in wanted.items():
        bind(house, conditions, name)
    expected = set()
    if claims.get("repository") == "acme/shop" and claims.get("ref") == "refs/heads/main":
        expected.add("team")
    inner = claims.get("kubernetes.io")
    if isinstance(inner, dict) and inner.get("namespace") == "shop":
        expected.add("viewer")
    token = shown(house, claims)
    if not expected:
        assert isinstance(refusal(house, token, WhoAmI()), Unauthenticated)
        return
    assert {item.name for item in house.run_as(token, WhoAmI()).roles} == expected
