"""The texts whose digests stand in logs come out the same for ever."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from adapters.memory import MemoryStorage
from adapters.testing.examples import keep
from domain.access.action import Action
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.pattern import NamePattern
from domain.access.role import Role
from domain.access.token import Token
from domain.audit.facts import (
    facts_of_binding,
    facts_of_principal,
    facts_of_role,
    facts_of_secret,
    facts_of_token,
)
from tests.fakes import START

TOKEN = Token(
    principal="alice", digest=b"\x01\x02", hint="h", created_at=START, created_by="admin",
    networks=("10.0.0.0/8",), expires_at=START + timedelta(days=1),
)  # fmt: skip


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def test_a_secret() -> None:
    given = replace(
        keep(MemoryStorage()), name="zürich", description=None, tags={"b": "2", "a": "1"},
        expires_at=START,
    )  # fmt: skip
    assert facts_of_secret(given) == digest(
        '["secret-1","z\\u00fcrich",null,[["a","1"],["b","2"]],"2026-11-23T12:00:00.000000Z"]'
    )
    assert facts_of_secret(replace(given, expires_at=None, tags={})) == digest(
        '["secret-1","z\\u00fcrich",null,[],null]'
    )


def test_a_role() -> None:
    two = frozenset({Action.REVEAL, Action.READ})
    names = (NamePattern("b/*"), NamePattern("a"))
    grant = Grant(effect=Effect.DENY, actions=two, names=names)
    assert facts_of_role(Role(name="r", description="d", grants=(grant,))) == digest(
        '["role-1","r",[["deny",["secrets.read","secrets.reveal"],["b/*","a"]]]]'
    )


def test_every_action_is_one_word_however_many_there_are_by_then() -> None:
    every = Grant(effect=Effect.ALLOW, actions=EVERY_ACTION)
    assert facts_of_role(Role(name="r", grants=(every,))) == digest(
        '["role-1","r",[["allow",["*"],["**"]]]]'
    )


def test_a_principal() -> None:
    assert facts_of_principal("alice", ["b", "a"]) == digest('["principal-1","alice",["a","b"]]')


def test_a_binding_of_claims() -> None:
    given = ClaimBinding(
        issuer="github", roles=("b", "a"), created_at=START, created_by="admin",
        conditions=(ClaimCondition(claim="ref", text="x"), ClaimCondition(claim="/a/b", text="ü")),
    )  # fmt: skip
    assert facts_of_binding(given) == digest(
        '["binding-1","github",[["/a/b","\\u00fc"],["ref","x"]],["a","b"]]'
    )


def test_a_token() -> None:
    assert facts_of_token(TOKEN, revoked=False) == digest(
        '["token-1","alice","0102","2026-11-24T12:00:00.000000Z",["10.0.0.0/8"],false]'
    )
    assert facts_of_token(replace(TOKEN, expires_at=None), revoked=True) == digest(
        '["token-1","alice","0102",null,["10.0.0.0/8"],true]'
    )
