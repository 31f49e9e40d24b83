"""A right that was given past the server is found, and the finding says which entry it betrays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import MemoryStorage
from application.access.bind_roles import BindRoles
from application.access.create_binding import CreateBinding
from application.access.create_principal import CreatePrincipal
from application.access.create_role import CreateRole
from application.access.create_token import CreateToken
from application.access.first_administrator import MakeFirstAdministrator
from application.access.mint_token import TokenLimits
from application.access.remove_binding import RemoveBinding
from application.access.remove_principal import RemovePrincipal
from application.access.remove_role import RemoveRole
from application.access.replace_role import ReplaceRole
from application.access.revoke_token import RevokeToken
from application.audit.erase_entries import EraseEntries
from domain.access.action import Action
from domain.access.grant import Effect, Grant
from domain.access.pattern import NamePattern
from domain.access.principal import PrincipalKind
from domain.access.role import Role
from domain.audit.encoding import entry_leaf
from domain.audit.facts import facts_of_principal, facts_of_role
from domain.audit.left_behind import LeftBehind, facts_of_left
from domain.audit.merkle import TreeState
from domain.audit.record import AuditRecord
from domain.audit.tip import TipTag
from domain.errors import AlreadyThere, Broken, UnknownFormat
from domain.keys.data_key import KeyPurpose
from domain.ports.tip_mac import vouched
from tests.fakes import CALLER, START
from tests.house import House


def role(name: str, *names: str) -> Role:
    patterns = tuple(map(NamePattern, names))
    grant = Grant(effect=Effect.ALLOW, actions=frozenset({Action.REVEAL}), names=patterns)
    return Role(name=name, grants=(grant,))


@pytest.fixture
def house() -> House:
    """A house in which every kind of write to the tables of access has happened."""
    house = House(MemoryStorage(), guarded=True).opened()

    def do(command: object) -> None:
        house.own_gate.run(CALLER, command)

    do(MakeFirstAdministrator())  # entry 1, token 1
    do(CreateRole(role=role("deploy", "ci/*")))
    do(CreateRole(role=role("gone", "old/*")))
    do(RemoveRole(name="gone"))
    do(ReplaceRole(role=role("deploy", "ci/**")))  # entry 5
    do(CreatePrincipal(name="alice", kind=PrincipalKind.PERSON, roles=["viewer"]))
    do(BindRoles(principal="alice", roles=["reader"]))  # entry 7
    do(CreatePrincipal(name="bob", kind=PrincipalKind.SERVICE))
    limits = TokenLimits(networks=("10.0.0.0/8",), expires_at=START + timedelta(days=1))
    do(CreateToken(principal="alice", limits=limits))  # entry 9, token 2
    do(CreateToken(principal="alice"))
    do(RevokeToken(number=3))  # entry 11
    do(CreateToken(principal="bob"))
    do(RemovePrincipal(name="bob"))  # entry 13, takes token 4 along
    for branch in ("main", "old"):
        do(CreateBinding(issuer="github", claims={"ref": branch}, roles=["deploy"]))
    do(RemoveBinding(number=2))  # entry 16
    return house


def tables(house: House) -> Any:
    return house.storage._session.audit._tables  # type: ignore[attr-defined]


def tamper(house: House, work: Callable[[Any], object]) -> None:
    """Change the tables past the gate."""
    house.storage.write(lambda _: work(tables(house))).result()


def found(house: House) -> list[tuple[int | None, str]]:
    return [(finding.entry, finding.text) for finding in house.verify_log().findings]


def test_rights_that_nobody_touched_are_as_the_log_says(house: House) -> None:
    assert found(house) == []


EDITS: dict[str, tuple[Callable[[Any], object], int | None, str]] = {
    "a role that grants more": (
        lambda t: t.roles.put("deploy", role("deploy", "**")),
        5, "role deploy is not as the entry left it",
    ),
    "a role that is back": (
        lambda t: t.roles.put("gone", role("gone", "old/*")),
        4, "role gone is there, although the entry removed it",
    ),
    "a role out of nothing": (
        lambda t: t.roles.put("mine", role("mine", "**")),
        None, "role mine is there, but no entry wrote it",
    ),
    "a role that is missing": (
        lambda t: t.roles.drop("deploy"),
        5, "role deploy is missing, although the entry left it",
    ),
    "a principal that was raised": (
        lambda t: t.bindings.put("alice", ("administrator",)),
        7, "principal alice is not as the entry left it",
    ),
    "the first administrator lowered": (
        lambda t: t.bindings.put("admin", ()),
        1, "principal admin is not as the entry left it",
    ),
    "a token of another network": (
        lambda t: t.tokens.put(2, replace(t.tokens[2], networks=())),
        9, "token 2 is not as the entry left it",
    ),
    "a token that lasts longer": (
        lambda t: t.tokens.put(2, replace(t.tokens[2], expires_at=None)),
        9, "token 2 is not as the entry left it",
    ),
    "a token that belongs to another": (
        lambda t: t.tokens.put(2, replace(t.tokens[2], principal="admin")),
        9, "token 2 is not as the entry left it",
    ),
    "a token that answers to another text": (
        lambda t: t.tokens.put(1, replace(t.tokens[1], digest=bytes(32))),
        1, "token 1 is not as the entry left it",
    ),
    "a token that is revoked no longer": (
        lambda t: t.tokens.put(3, replace(t.tokens[3], revoked_at=None)),
        11, "token 3 is not as the entry left it",
    ),
    "a token whose principal was removed": (
        lambda t: t.tokens.put(4, replace(t.tokens[3], id=4)),
        13, "token 4 is there, although the entry removed it",
    ),
    "a binding for another role": (
        lambda t: t.claim_bindings.put(1, replace(t.claim_bindings[1], roles=("administrator",))),
        14, "binding 1 is not as the entry left it",
    ),
    "a binding of another issuer": (
        lambda t: t.claim_bindings.put(1, replace(t.claim_bindings[1], issuer="gitlab")),
        14, "binding 1 is not as the entry left it",
    ),
    "a binding that is back": (
        lambda t: t.claim_bindings.put(2, replace(t.claim_bindings[1], id=2)),
        16, "binding 2 is there, although the entry removed it",
    ),
    "a binding that is missing": (
        lambda t: t.claim_bindings.drop(1),
        14, "binding 1 is missing, although the entry left it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("work", "entry", "text"), EDITS.values(), ids=EDITS)
def test_an_edit_past_the_server_is_found(
    house: House, work: Callable[[Any], object], entry: int | None, text: str
) -> None:
    tamper(house, work)
    assert found(house) == [(entry, text)]


def test_the_use_of_a_token_is_no_edit(house: House) -> None:
    tamper(house, lambda t: t.tokens.put(1, replace(t.tokens[1], last_used_at=START)))
    assert found(house) == []


def test_what_no_version_can_read_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: object) -> None:
        raise UnknownFormat("the grants of a role cannot be read")

    roles = house.storage.read(lambda session: type(session.roles)).result()
    monkeypatch.setattr(roles, "all", unreadable)
    assert found(house) == [
        (None, "roles cannot be compared: the grants of a role cannot be read"),
    ]


def erase(house: House, upto: int) -> None:
    house.make_checkpoint()
    house.own_gate.run(CALLER, EraseEntries(upto=upto))


def erase_all(house: House) -> None:
    """Erase everything that is there, with the entries of earlier erasures."""
    erase(house, len(tables(house).audit))


def erase_in_steps(house: House) -> None:
    for upto in range(1, len(tables(house).audit) + 1):
        erase(house, upto)
    erase_all(house)


@pytest.mark.parametrize("gone", [erase_all, erase_in_steps])
@pytest.mark.parametrize(("work", "entry", "text"), EDITS.values(), ids=EDITS)
def test_an_edit_is_found_when_all_entries_are_erased(
    house: House,
    gone: Callable[[House], None],
    work: Callable[[Any], object],
    entry: int | None,
    text: str,
) -> None:
    gone(house)
    assert found(house) == []
    tamper(house, work)
    ((_, told),) = found(house)
    assert told in {text, text.replace("although the entry removed it", "but no entry wrote it")}


def test_what_entries_write_after_an_erasure_counts(house: House) -> None:
    with pytest.raises(AlreadyThere):
        house.own_gate.run(CALLER, CreateRole(role=role("deploy", "**")))
    erase_all(house)
    house.own_gate.run(CALLER, RemovePrincipal(name="alice"))
    house.own_gate.run(CALLER, ReplaceRole(role=role("deploy", "other/*")))
    assert found(house) == []
    erase_all(house)
    assert found(house) == []
    assert not any(t.startswith("principal alice") for t in tables(house).audit_left)


def test_what_erased_entries_left_cannot_be_edited(house: House) -> None:
    erase_all(house)

    def work(t: Any) -> None:
        facts = facts_of_role(role("mine", "**"))
        t.audit_left.put("role mine", LeftBehind(thing="role mine", number=1, facts=facts))
        t.roles.put("mine", role("mine", "**"))

    tamper(house, work)
    assert found(house) == [(None, "what erased entries have left of access is not what they left")]
    house.make_checkpoint()
    with pytest.raises(Broken, match="what erased entries have left"):
        house.own_gate.run(CALLER, EraseEntries(upto=len(tables(house).audit)))


def test_what_an_early_version_erased_is_not_known(house: House) -> None:
    erase(house, 2)

    def work(t: Any) -> None:
        entry = t.audit[len(t.audit)].entry
        early = replace(
            entry, event=replace(entry.event, subject=replace(entry.event.subject, facts=None))
        )
        t.audit.put(
            entry.number, AuditRecord(number=entry.number, leaf=entry_leaf(early), entry=early)
        )
        # As the early server itself wrote it, the tree and its tag are those of this entry.
        tree, _ = TreeState().grown(t.audit[number].leaf for number in range(1, len(t.audit) + 1))
        t.audit_tree.put("tree", tree)
        key_id = t.tip_tags["tree"].key_id
        t.tip_tags.put("tree", vouched(house.macs, tree, key_id=key_id))
        for thing in list(t.audit_left):
            t.audit_left.drop(thing)
        t.roles.put("mine", role("mine", "**"))

    tamper(house, work)
    assert "role mine" not in " ".join(text for _, text in found(house))
    erase(house, 4)
    assert house.events()[-1].subject.facts is None


def with_body(record: AuditRecord, *, fits: bool = False, **changes: Any) -> AuditRecord:
    """Return a record with another body, and perhaps a leaf that fits it."""
    assert record.entry is not None
    event = record.entry.event
    if "facts" in changes:
        changes = {"subject": replace(event.subject, **changes)}
    entry = replace(record.entry, event=replace(event, **changes))
    return replace(record, entry=entry, leaf=entry_leaf(entry) if fits else record.leaf)


NOT_WRITTEN = "not those that were written"


@pytest.mark.parametrize("fits", [False, True], ids=["the body", "body and leaf"])
def test_an_erasure_does_not_launder_what_an_entry_says(house: House, fits: bool) -> None:
    def work(t: Any) -> None:
        raised = facts_of_principal("alice", ["administrator"])
        t.bindings.put("alice", ("administrator",))
        t.audit.put(7, with_body(t.audit[7], fits=fits, facts=raised))

    tamper(house, work)
    before = found(house)
    with pytest.raises(Broken, match=NOT_WRITTEN):
        erase_all(house)
    assert before
    assert set(before) <= set(found(house))
    assert tables(house).audit[7].entry is not None


def test_entries_that_were_back_dated_are_not_erased(house: House) -> None:
    early = START - timedelta(days=1000)
    tamper(house, lambda t: t.audit.put(1, with_body(t.audit[1], at=early)))
    with pytest.raises(Broken, match=NOT_WRITTEN):
        erase(house, 1)


@pytest.mark.parametrize("fits", [False, True], ids=["the body", "body and leaf"])
@pytest.mark.parametrize("off", [False, True], ids=["another digest", "none"])
def test_an_erasure_does_not_believe_the_last_one_blindly(
    house: House, fits: bool, off: bool
) -> None:
    erase_all(house)

    def work(t: Any) -> None:
        raised = facts_of_principal("alice", ["administrator"])
        t.audit_left.put("principal alice", replace(t.audit_left["principal alice"], facts=raised))
        t.bindings.put("alice", ("administrator",))
        if off:
            for thing in list(t.audit_left):
                t.audit_left.drop(thing)
        facts = None if off else facts_of_left(list(t.audit_left.values()))
        last = len(t.audit)
        t.audit.put(last, with_body(t.audit[last], fits=fits, facts=facts))

    tamper(house, work)
    with pytest.raises(Broken, match=NOT_WRITTEN):
        erase_all(house)


def test_entries_that_somebody_else_erased_are_not_counted_as_taken_in(house: House) -> None:
    def work(t: Any) -> None:
        t.audit.put(7, replace(t.audit[7], entry=None, erased=True))

    tamper(house, work)
    with pytest.raises(Broken, match=NOT_WRITTEN):
        erase_all(house)


def test_entries_behind_the_tip_are_not_taken_in(house: House) -> None:
    size = len(tables(house).audit)
    house.make_checkpoint()

    def work(t: Any) -> None:
        t.audit.put(size + 1, replace(t.audit[size], number=size + 1))
        t.checkpoints.put(size, replace(t.checkpoints[size], size=size + 1))

    tamper(house, work)
    with pytest.raises(Broken, match=NOT_WRITTEN):
        house.own_gate.run(CALLER, EraseEntries(upto=size + 1))


def test_an_erasure_behind_the_tip_is_not_believed(house: House) -> None:
    erase_all(house)

    def work(t: Any) -> None:
        last = t.audit[len(t.audit)]
        forged = with_body(last, facts=None).entry
        t.audit.put(last.number + 1, replace(last, number=last.number + 1, entry=forged))

    tamper(house, work)
    with pytest.raises(Broken, match=NOT_WRITTEN):
        house.own_gate.run(CALLER, EraseEntries(upto=1))


def test_a_table_without_an_erasure_is_not_believed(house: House) -> None:
    left = LeftBehind(thing="role mine", number=1, facts=None)
    tamper(house, lambda t: t.audit_left.put("role mine", left))
    assert (None, "what erased entries have left of access is not what they left") in found(house)
    house.make_checkpoint()
    with pytest.raises(Broken, match="what erased entries have left"):
        house.own_gate.run(CALLER, EraseEntries(upto=2))


def tag_of(house: House) -> TipTag:
    """Vouch for an empty log."""
    key = house.storage.read(lambda s: s.data_keys.active(KeyPurpose.AUDIT)).result()
    assert key is not None
    return vouched(house.macs, TreeState(), key_id=key.id)


def test_entries_of_early_versions_are_not_compared() -> None:
    house = House(MemoryStorage(), guarded=True).opened()
    house.own_gate.run(CALLER, MakeFirstAdministrator())
    told = house.events()[0]
    tamper(house, lambda t: t.audit.drop(1))
    tamper(house, lambda t: t.audit_tree.drop("tree"))
    tamper(house, lambda t: t.tip_tags.put("tree", tag_of(house)))
    early = replace(told, subject=replace(told.subject, facts=None))
    house.storage.write(lambda session: session.audit.append(early)).result()
    tamper(house, lambda t: t.bindings.put("admin", ()))
    assert found(house) == []
