"""Tokens, principals and roles through the gate: what holds at once, and what nobody may do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from application.access.bind_roles import BindRoles
from application.access.create_principal import CreatePrincipal
from application.access.create_role import MAX_ROLES, CreateRole
from application.access.create_token import CreateToken
from application.access.explain_access import ExplainAccess
from application.access.first_administrator import MakeFirstAdministrator
from application.access.list_principals import ListPrincipals
from application.access.list_roles import ListRoles
from application.access.list_tokens import ListTokens
from application.access.mint_token import TokenLimits
from application.access.read_metrics import ReadMetrics
from application.access.remove_principal import RemovePrincipal
from application.access.remove_role import RemoveRole
from application.access.replace_role import ReplaceRole
from application.access.revoke_token import RevokeToken
from application.access.who_am_i import WhoAmI
from application.secrets.create_secret import CreateSecret
from application.secrets.list_secrets import ListSecrets
from application.secrets.read_secret import ReadSecret
from application.secrets.reveal_secret import RevealSecret
from application.secrets.update_secret import UpdateSecret
from domain.access.action import Action
from domain.access.credential import Credential
from domain.access.decision import Allowed
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.page import Page
from domain.access.pattern import NamePattern
from domain.access.principal import PrincipalKind
from domain.access.role import Role
from domain.audit.event import Outcome
from domain.errors import (
    AlreadyThere,
    Broken,
    Denied,
    InvalidInput,
    NotFound,
    RoleInUse,
    StorageUnavailable,
    Unauthenticated,
)
from domain.keys.data_key import KeyPurpose
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.value import SecretValue
from tests.fakes import START
from tests.house import SOMEBODY, House

MINUTE = timedelta(minutes=1)
UNKNOWN = Credential.minted(bytes(32))


@pytest.fixture
def house() -> House:
    return House(MemoryStorage(), guarded=True).opened()


def role(name: str, *actions: Action, on: str = "**", but: str | None = None) -> Role:
    """Return a role that allows some actions on names, but for others."""
    grants = [
        Grant(effect=Effect.ALLOW, actions=frozenset(actions), names=(NamePattern(on),)),
    ]
    if but is not None:
        grants.append(
            Grant(effect=Effect.DENY, actions=frozenset({Action.READ}), names=(NamePattern(but),))
        )
    return Role(name=name, grants=tuple(grants))


ACCESS = {action for action in EVERY_ACTION if not action.value.startswith(("secrets.", "keys."))}


def helper(house: House, *more: Action) -> Credential:
    """Return a token of somebody who looks after access, and reads what is below `team/`."""
    house.run_within(CreateRole(role=role("helper", *ACCESS)))
    house.run_within(CreateRole(role=role("team", Action.REVEAL, *more, on="team/**")))
    return house.token("helper", "helper", "team")


def refusal(house: House, credential: Credential | None, command: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  which one, the test says
        house.run_as(credential, command)
    return caught.value


def test_a_token_gives_the_rights_of_its_principal(house: House) -> None:
    house.create("a/b", "the value")
    reader = house.token("ci", "reader")
    assert house.run_as(reader, RevealSecret(reference=ByName("a/b"))).value.reveal() == "the value"
    event = house.events()[-1]
    assert (event.principal, event.rule) == ("ci", "reader 1: allow on **")
    viewer = house.token("board", "viewer")
    assert isinstance(refusal(house, viewer, RevealSecret(reference=ByName("a/b"))), Denied)


@pytest.mark.parametrize(
    ("credential", "cause"),
    [
        (None, "no token is shown, or none that could be one"),
        (Credential("srt_nonsense"), "no token is shown, or none that could be one"),
        (UNKNOWN, "the token is not known"),
    ],
)
def test_nobody_is_known_by_nothing(
    house: House, credential: Credential | None, cause: str
) -> None:
    error = refusal(house, credential, WhoAmI())
    assert isinstance(error, Unauthenticated)
    assert cause not in str(error)
    event = house.events()[-1]
    assert (event.principal, event.outcome, event.reason) == ("nobody", Outcome.DENIED, cause)


def test_a_token_that_counts_no_more_is_refused_in_the_same_words(house: House) -> None:
    expired = house.token("ci", "reader", expires_at=START + MINUTE)
    elsewhere = house.token("ci", networks=("192.0.2.0/24",))
    revoked = house.token("ci")
    house.run_within(RevokeToken(number=3))
    house.clock.advance(2 * MINUTE)
    words = {
        str(refusal(house, token, WhoAmI())) for token in (UNKNOWN, expired, elsewhere, revoked)
    }
    assert len(words) == 1
    assert [(event.principal, event.reason) for event in house.events()[-3:]] == [
        ("ci", "the token has expired"),
        ("ci", "the token is shown from outside its networks"),
        ("ci", "the token is revoked"),
    ]


def test_who_is_not_known_learns_nothing_of_what_is_there(house: House) -> None:
    house.create("a")
    answers = {
        str(refusal(house, UNKNOWN, command))
        for command in (
            ReadSecret(reference=ByName("a")),
            ReadSecret(reference=ByName("absent")),
            RevealSecret(reference=SecretId(1)),
            UpdateSecret(reference=SecretId(9), value=SecretValue("v")),
        )
    }
    assert len(answers) == 1


def test_many_at_once_fail_as_one_for_who_is_not_known(house: House) -> None:
    caller = SOMEBODY
    before = len(house.events())
    commands = [RevealSecret(reference=SecretId(n)) for n in range(1, 9)]
    with pytest.raises(Unauthenticated):
        house.gate.submit_each(caller, commands).result()
    assert len(house.events()) == before + 1
    assert house.gate.submit_each(caller, []).result() == []


def test_a_change_of_roles_holds_with_the_next_call(house: House) -> None:
    house.create("a")
    token = house.token("ci", "reader")
    reveal = RevealSecret(reference=ByName("a"))
    house.run_as(token, reveal)
    house.run_within(BindRoles(principal="ci", roles=["viewer"]))
    assert isinstance(refusal(house, token, reveal), Denied)
    house.run_within(BindRoles(principal="ci", roles=[]))
    assert isinstance(refusal(house, token, reveal), NotFound)
    house.run_within(RemovePrincipal(name="ci"))
    assert isinstance(refusal(house, token, reveal), Unauthenticated)


def test_the_last_use_is_noted_with_the_event_once_a_minute(house: House) -> None:
    token = house.token("ci", "reader")

    def last_used() -> object:
        return house.run_within(ListTokens())[0].last_used_at

    assert last_used() is None
    house.run_as(token, WhoAmI())
    house.clock.advance(MINUTE / 2)
    house.run_as(token, WhoAmI())
    assert last_used() == START
    house.clock.advance(MINUTE)
    refusal(house, token, ReadSecret(reference=ByName("absent")))
    assert last_used() == START + MINUTE * 1.5


def test_everybody_learns_who_they_are(house: House) -> None:
    rights = house.run_as(house.token("ci", "reader", "writer"), WhoAmI())
    assert (rights.principal, [role.name for role in rights.roles]) == ("ci", ["reader", "writer"])
    assert rights.token.principal == "ci"


def test_a_list_holds_what_the_caller_may_see(house: House) -> None:
    for name in ("team/a", "team/b", "other/a"):
        house.create(name)
    house.run_within(CreateRole(role=role("part", Action.REVEAL, on="team/**", but="team/b")))
    token = house.token("ci", "part")
    assert [secret.name for secret in house.run_as(token, ListSecrets())] == ["team/a"]
    for hidden in ("team/b", "other/a", "absent"):
        error = refusal(house, token, ReadSecret(reference=ByName(hidden)))
        assert (type(error), str(error)) == (NotFound, "no such secret")
    nobody = house.token("board")
    assert isinstance(refusal(house, nobody, ListSecrets()), Denied)


def test_a_rename_needs_the_right_to_the_value_too(house: House) -> None:
    created = house.create("closed/a")
    house.run_within(CreateRole(role=role("mover", Action.UPDATE, on="closed/**")))
    house.run_within(CreateRole(role=role("owner", Action.UPDATE, Action.REVEAL, on="open/**")))
    token = house.token("ci", "mover", "owner")
    target = SecretId(created.id)
    move = UpdateSecret(reference=target, name=SecretName("open/a"))
    assert isinstance(refusal(house, token, move), Denied)
    assert house.events()[-1].rule == "nothing allows it"
    kept = UpdateSecret(reference=target, name=SecretName("closed/a"), description="same name")
    assert house.run_as(token, kept).name == "closed/a"


def test_a_new_secret_is_refused_in_the_same_words_whether_it_is_there_or_not(house: House) -> None:
    house.create("hidden/a")
    house.run_within(CreateRole(role=role("part", Action.CREATE, on="team/**")))
    token = house.token("ci", "part")
    words = {
        (type(error), str(error))
        for name in ("hidden/a", "hidden/b")
        if (
            error := refusal(
                house, token, CreateSecret(name=SecretName(name), value=SecretValue("v"))
            )
        )
    }
    assert words == {(Denied, "the access policy does not allow this")}


def test_a_caller_hands_out_only_what_it_holds(house: House) -> None:
    token = helper(house)
    for command in (
        CreateRole(role=role("wide", Action.REVEAL)),
        CreateRole(role=role("more", Action.PURGE, on="team/a")),
        CreatePrincipal(name="friend", kind=PrincipalKind.PERSON, roles=["reader"]),
        CreatePrincipal(name="friend", kind=PrincipalKind.PERSON, roles=["administrator"]),
    ):
        assert isinstance(refusal(house, token, command), Denied)
    house.run_as(token, CreateRole(role=role("narrow", Action.REVEAL, on="team/a")))
    friend = CreatePrincipal(name="friend", kind=PrincipalKind.PERSON, roles=["narrow"])
    assert house.run_as(token, friend).roles == ("narrow",)
    assert isinstance(refusal(house, token, friend), AlreadyThere)
    assert house.run_as(token, CreateToken(principal="friend")).token.created_by == "helper"


def test_who_may_do_more_is_out_of_reach(house: House) -> None:
    token = helper(house)
    house.token("boss", "administrator")
    for command in (
        CreateToken(principal="boss"),
        RevokeToken(number=2),
        BindRoles(principal="boss", roles=[]),
        RemovePrincipal(name="boss"),
    ):
        assert isinstance(refusal(house, token, command), Denied)
    assert house.run_within(ListTokens())[1].revoked_at is None


def test_nobody_changes_their_own_roles(house: House) -> None:
    token = house.token("boss", "administrator")
    house.run_within(CreateRole(role=role("spare", Action.REVEAL)))
    house.run_within(BindRoles(principal="boss", roles=["administrator", "spare"]))
    for command in (
        BindRoles(principal="boss", roles=["administrator"]),
        RemovePrincipal(name="boss"),
        ReplaceRole(role=role("spare", Action.READ)),
    ):
        assert "own roles" in str(refusal(house, token, command))


def test_a_role_that_denies_is_not_taken_away_by_who_is_denied_too(house: House) -> None:
    house.run_within(CreateRole(role=role("wide", Action.REVEAL)))
    deny = Grant(effect=Effect.DENY, actions=frozenset({Action.REVEAL}))
    house.run_within(CreateRole(role=Role(name="blind", grants=(deny,))))
    house.token("ci", "wide", "blind")
    token = helper(house)
    unbind = BindRoles(principal="ci", roles=["wide"])
    assert isinstance(refusal(house, token, unbind), Denied)
    allow = ReplaceRole(role=role("blind", Action.LIST_TOKENS))
    assert isinstance(refusal(house, token, allow), Denied)


def test_a_role_changes_for_all_who_hold_it(house: House) -> None:
    admin = house.token("boss", "administrator")
    house.run_as(admin, CreateRole(role=role("team", Action.READ, on="team/**")))
    token = house.token("ci", "team")
    house.create("team/a", "v")
    reveal = RevealSecret(reference=ByName("team/a"))
    assert isinstance(refusal(house, token, reveal), Denied)
    house.run_as(admin, ReplaceRole(role=role("team", Action.REVEAL, on="team/**")))
    assert house.run_as(token, reveal).value.reveal() == "v"


def test_a_role_in_use_stays(house: House) -> None:
    admin = house.token("boss", "administrator")
    house.run_as(admin, CreateRole(role=role("team", Action.READ)))
    house.token("ci", "team")
    assert isinstance(refusal(house, admin, RemoveRole(name="team")), RoleInUse)
    house.run_as(admin, BindRoles(principal="ci", roles=[]))
    assert house.run_as(admin, RemoveRole(name="team")).name == "team"
    assert isinstance(refusal(house, admin, RemoveRole(name="team")), NotFound)


def test_what_is_built_in_stays_as_it_is(house: House) -> None:
    admin = house.token("boss", "administrator")
    for command in (ReplaceRole(role=role("reader", Action.READ)), RemoveRole(name="reader")):
        assert isinstance(refusal(house, admin, command), InvalidInput)
    taken = CreateRole(role=role("reader", Action.READ))
    assert isinstance(refusal(house, admin, taken), AlreadyThere)
    names = [item.name for item in house.run_as(admin, ListRoles())]
    assert names == ["administrator", "editor", "reader", "viewer", "writer", "auditor"]


def test_there_is_an_end_to_roles(house: House) -> None:
    def fill(session: Any) -> None:
        for number in range(MAX_ROLES):
            session.roles.put(role(f"r{number}", Action.READ))

    house.storage.write(fill).result()
    with pytest.raises(InvalidInput):
        house.run_within(CreateRole(role=role("more", Action.READ)))


def test_what_is_not_there_is_not_found(house: House) -> None:
    admin = house.token("boss", "administrator")
    for command in (
        CreateToken(principal="absent"),
        RevokeToken(number=99),
        ReplaceRole(role=role("absent", Action.READ)),
        BindRoles(principal="absent", roles=[]),
        ExplainAccess(action=Action.LIST_KEYS, principal="absent"),
    ):
        assert isinstance(refusal(house, admin, command), NotFound)
    for roles in (["absent"], [f"r{n}" for n in range(9)]):
        assert isinstance(
            refusal(house, admin, BindRoles(principal="boss", roles=roles)), InvalidInput
        )


def test_a_limited_token_makes_only_limited_ones(house: House) -> None:
    until, net = START + 10 * MINUTE, ("10.0.0.0/8",)
    token = house.token("boss", "administrator", expires_at=until, networks=net)
    for limits in (
        TokenLimits(),
        TokenLimits(expires_at=until),
        TokenLimits(expires_at=until, networks=("11.0.0.0/8",)),
        TokenLimits(expires_at=until, networks=("::/0",)),
        TokenLimits(expires_at=until + MINUTE, networks=net),
    ):
        assert isinstance(refusal(house, token, CreateToken(limits=limits)), Denied)
    within = TokenLimits(expires_at=until - MINUTE, networks=("10.1.0.0/16",))
    minted = house.run_as(token, CreateToken(limits=within))
    assert minted.token.principal == "boss"
    assert minted.credential.reveal() not in repr(minted)


def test_explanations_come_from_the_function_that_decides(house: House) -> None:
    admin = house.token("boss", "administrator")
    house.token("ci", "viewer")
    question = {"action": Action.REVEAL, "name": "a/b"}
    found = house.run_as(admin, ExplainAccess(**question))  # type: ignore[arg-type]
    assert [(item.principal, isinstance(item.decision, Allowed)) for item in found] == [
        ("boss", True), ("ci", False),
    ]  # fmt: skip
    one = house.run_as(admin, ExplainAccess(**question, principal="ci"))  # type: ignore[arg-type]
    assert (one[0].decision.rule, one[0].decision.visible) == ("nothing allows it", True)
    keys = house.run_as(admin, ExplainAccess(action=Action.LIST_KEYS, page=Page(limit=1)))
    assert [item.principal for item in keys] == ["boss"]
    for wrong in ({"action": Action.REVEAL}, {"action": Action.LIST_KEYS, "name": "a"}):
        with pytest.raises(InvalidInput):
            ExplainAccess(**wrong)


def test_lists_of_access_come_in_pages(house: House) -> None:
    house.token("ci", "viewer")
    house.token("anne", "reader")
    page = house.run_within(ListPrincipals(page=Page(limit=1)))
    assert [(item.principal.name, item.roles) for item in page] == [("anne", ("reader",))]
    assert [item.id for item in house.run_within(ListTokens(after=1))] == [2]
    with pytest.raises(InvalidInput):
        Page(limit=0)


def test_the_first_administrator_is_made_once(house: House) -> None:
    first = house.run_within(MakeFirstAdministrator())
    assert house.run_as(first.credential, WhoAmI()).principal == "admin"
    with pytest.raises(AlreadyThere):
        house.run_within(MakeFirstAdministrator())
    second = house.run_within(MakeFirstAdministrator(again=True))
    assert house.run_as(second.credential, WhoAmI()).principal == "admin"


def test_who_is_let_in_without_an_entry_is_still_decided_on(house: House) -> None:
    admin, viewer = house.token("boss", "administrator"), house.token("ci", "viewer")
    before = len(house.events())

    def admitted(credential: Credential) -> object:
        caller = replace(SOMEBODY, credential=credential)
        return house.gate.admit(caller, Action.READ_METRICS).result().principal

    assert admitted(admin) == "boss"
    for refused, error in ((viewer, Denied), (UNKNOWN, Unauthenticated)):
        with pytest.raises(error):
            admitted(refused)
    assert len(house.events()) == before
    assert house.run_as(admin, ReadMetrics()) is None


def test_a_role_that_is_gone_lets_nobody_in(house: House) -> None:
    token = house.token("ci", "reader")
    house.storage.write(lambda s: s.bindings.bind("ci", ["reader", "gone"])).result()
    assert isinstance(refusal(house, token, WhoAmI()), Broken)


def test_a_key_that_is_not_at_hand_is_fetched(house: House) -> None:
    token = house.token("ci", "reader")
    key = house.storage.read(lambda s: s.data_keys.active(KeyPurpose.TOKEN)).result()
    assert key is not None
    house.key_ring.forget(key.id)
    assert house.run_as(token, WhoAmI()).principal == "ci"


def test_without_a_key_for_tokens_nobody_is_known(house: House) -> None:
    token = house.token("ci", "reader")
    key = house.storage.read(lambda s: s.data_keys.active(KeyPurpose.TOKEN)).result()
    assert key is not None
    house.storage.write(lambda s: s.data_keys.replace(key.retired(START))).result()
    assert isinstance(refusal(house, token, WhoAmI()), Broken)


def test_what_depends_on_the_caller_is_not_done_without_one(house: House) -> None:
    use_case = house.gate.use_cases[WhoAmI]
    with pytest.raises(TypeError):
        house.storage.read(lambda s: use_case.perform(WhoAmI(), None, s)).result()


def test_a_store_that_is_away_is_no_refusal(house: House) -> None:
    house.storage.close()
    assert isinstance(refusal(house, UNKNOWN, WhoAmI()), StorageUnavailable)
