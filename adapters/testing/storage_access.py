"""The contract of principals, roles, bindings and tokens."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.testing.examples import DAY, NOW
from domain.access.action import Action
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.pattern import NamePattern
from domain.access.principal import Principal, PrincipalKind
from domain.access.role import Role
from domain.access.token import Token
from domain.errors import AlreadyThere
from domain.ports.storage import Session, Storage

CI = Principal(name="ci", kind=PrincipalKind.SERVICE, created_at=NOW)
ANNE = Principal(name="anne@example.org", kind=PrincipalKind.PERSON, created_at=NOW + DAY)
ROLE = Role(
    name="payments",
    description="Zürich 🗝",
    grants=(
        Grant(
            effect=Effect.ALLOW,
            actions=frozenset({Action.REVEAL, Action.LIST_KEYS}),
            names=(NamePattern("prod/*/db"), NamePattern("test/**")),
        ),
        Grant(effect=Effect.DENY, actions=EVERY_ACTION, names=(NamePattern("test/é"),)),
    ),
)


def token(number: int = 1, **changes: Any) -> Token:
    """Return a token of `ci` with a value in every field that is not its default."""
    full = Token(
        principal="ci",
        description="for deployments",
        digest=bytes([number] * 32),
        hint="srt_abcd",
        created_at=NOW,
        created_by="anne@example.org",
        expires_at=NOW + DAY,
        networks=("10.0.0.0/8", "::1/128"),
        last_used_at=NOW,
    )
    return replace(full, **changes)


def with_principals(storage: Storage) -> None:
    """Keep two principals."""

    def work(session: Session) -> None:
        session.principals.add(CI)
        session.principals.add(ANNE)

    storage.write(work).result()


def add_token(storage: Storage, kept: Token) -> Token:
    """Keep a token, durably."""
    return storage.write(lambda s: s.tokens.add(kept)).result()


class AccessContract:
    """Who may come in, and what is remembered of them."""

    def test_an_empty_store_knows_nobody(self, storage: Storage) -> None:
        def look(s: Session) -> list[object]:
            return [
                s.principals.find("ci"), s.roles.find("payments"), s.tokens.find(1),
                s.known_tokens.recognise(b"d" * 32), *s.principals.page(after="", limit=9),
                *s.roles.all(), *s.tokens.page(after=0, limit=9), *s.bindings.roles_of("ci"),
                *s.bindings.holders("payments"),
            ]  # fmt: skip

        assert storage.read(look).result() == [None] * 4

    def test_principals_are_kept_and_paged_by_name(self, storage: Storage) -> None:
        with_principals(storage)
        assert storage.read(lambda s: s.principals.find("ci")).result() == CI
        assert list(storage.read(lambda s: s.principals.page(after="", limit=9)).result()) == [
            ANNE, CI,
        ]  # fmt: skip
        assert list(storage.read(lambda s: s.principals.page(after="", limit=1)).result()) == [ANNE]
        rest = storage.read(lambda s: s.principals.page(after=ANNE.name, limit=9)).result()
        assert list(rest) == [CI]

    def test_a_name_has_one_principal(self, storage: Storage) -> None:
        with_principals(storage)
        other = replace(CI, kind=PrincipalKind.PERSON)
        with pytest.raises(AlreadyThere):
            storage.write(lambda s: s.principals.add(other)).result()
        assert storage.read(lambda s: s.principals.find("ci")).result() == CI

    def test_a_role_keeps_every_grant_and_is_replaced(self, storage: Storage) -> None:
        storage.write(lambda s: s.roles.put(ROLE)).result()
        assert storage.read(lambda s: s.roles.find("payments")).result() == ROLE
        changed = replace(ROLE, description=None, grants=ROLE.grants[:1])
        first = replace(ROLE, name="a")
        for role in (changed, first):
            storage.write(partial(_put, role)).result()
        assert list(storage.read(lambda s: s.roles.all()).result()) == [first, changed]

    def test_a_role_is_removed_once(self, storage: Storage) -> None:
        storage.write(lambda s: s.roles.put(ROLE)).result()
        for _ in range(2):
            storage.write(lambda s: s.roles.remove("payments")).result()
        assert storage.read(lambda s: s.roles.find("payments")).result() is None

    def test_a_principal_is_bound_to_exactly_what_was_said_last(self, storage: Storage) -> None:
        with_principals(storage)
        storage.write(lambda s: s.bindings.bind("ci", ["writer", "reader", "writer"])).result()
        storage.write(lambda s: s.bindings.bind(ANNE.name, ["reader"])).result()
        assert list(storage.read(lambda s: s.bindings.roles_of("ci")).result()) == [
            "reader", "writer",
        ]  # fmt: skip
        assert list(storage.read(lambda s: s.bindings.holders("reader")).result()) == [
            ANNE.name, "ci",
        ]  # fmt: skip
        storage.write(lambda s: s.bindings.bind("ci", [])).result()
        assert list(storage.read(lambda s: s.bindings.roles_of("ci")).result()) == []
        assert list(storage.read(lambda s: s.bindings.holders("writer")).result()) == []

    def test_a_token_keeps_every_field(self, storage: Storage) -> None:
        with_principals(storage)
        full = add_token(storage, token())
        bare = add_token(
            storage,
            token(2, description=None, expires_at=None, networks=(), last_used_at=None),
        )
        assert [full, bare] == list(
            storage.read(lambda s: s.tokens.page(after=0, limit=9)).result()
        )
        assert full == token(id=full.id)
        assert storage.read(lambda s: s.tokens.find(bare.id)).result() == bare
        assert storage.read(lambda s: s.known_tokens.recognise(bytes([2] * 32))).result() == bare
        assert list(storage.read(lambda s: s.tokens.page(after=0, limit=1)).result()) == [full]
        assert list(storage.read(lambda s: s.tokens.page(after=full.id, limit=1)).result()) == [
            bare
        ]

    def test_a_token_is_revoked_once(self, storage: Storage) -> None:
        with_principals(storage)
        kept = add_token(storage, token())
        done = [storage.write(partial(_revoke, kept.id, later)).result() for later in range(2)]
        assert done == [True, False]
        assert not storage.write(partial(_revoke, kept.id + 1, 0)).result()
        found = storage.read(lambda s: s.known_tokens.recognise(kept.digest)).result()
        assert found == replace(kept, revoked_at=NOW)

    def test_a_use_is_noted_never_backwards_and_changes_nothing_else(
        self, storage: Storage
    ) -> None:
        with_principals(storage)
        kept = add_token(storage, token(last_used_at=None))
        storage.write(partial(_revoke, kept.id, 0)).result()
        for moment in (NOW + DAY, NOW):
            storage.write(partial(_note_use, kept.id, moment)).result()
        storage.write(partial(_note_use, kept.id + 1, NOW)).result()
        found = storage.read(lambda s: s.tokens.find(kept.id)).result()
        assert found == replace(kept, revoked_at=NOW, last_used_at=NOW + DAY)

    def test_a_principal_goes_with_all_that_it_had(self, storage: Storage) -> None:
        with_principals(storage)
        gone = add_token(storage, token())
        storage.write(lambda s: s.bindings.bind("ci", ["reader"])).result()
        for _ in range(2):
            storage.write(lambda s: s.principals.remove("ci")).result()
        assert storage.read(lambda s: s.principals.find("ci")).result() is None
        assert storage.read(lambda s: s.known_tokens.recognise(gone.digest)).result() is None
        assert list(storage.read(lambda s: s.bindings.holders("reader")).result()) == []
        storage.write(lambda s: s.principals.add(CI)).result()
        assert list(storage.read(lambda s: s.bindings.roles_of("ci")).result()) == []
        assert add_token(storage, token()).id > gone.id


def _put(role: Role, session: Session) -> None:
    """Keep a role."""
    session.roles.put(role)


def _revoke(number: int, days: int, session: Session) -> bool:
    """Revoke a token."""
    return session.tokens.revoke(number, NOW + days * DAY)


def _note_use(number: int, moment: Any, session: Session) -> None:
    """Note a use."""
    session.known_tokens.note_use(number, moment)
