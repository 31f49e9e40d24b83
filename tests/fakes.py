"""Fakes of what cannot be real in a test that must be repeatable: time, chance, and rights."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.root_keys.local import LocalRootKey
from domain.access.action import Action
from domain.access.built_in import BUILT_IN
from domain.access.caller import Caller
from domain.access.claims import texts_of
from domain.access.decision import Allowed, Decision, Refused
from domain.access.identity import Identity
from domain.access.rights import Rights
from domain.access.signed_token import SignedToken
from domain.errors import Unauthenticated
from domain.ports.access_policy import AccessPolicy
from domain.ports.clock import Clock
from domain.ports.pace import Pace
from domain.ports.randomness import Randomness
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession
from domain.ports.storage import Session
from domain.ports.verifier import Verifier

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALLER = Caller(principal="tester", address="127.0.0.1", request_id="request-1")


class FixedClock(Clock):
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


class SeededRandomness(Randomness):
    """Chance that comes out the same in every run."""

    def __init__(self, seed: int = 0) -> None:
        self._source = random.Random(seed)  # noqa: S311  not for keys that anybody relies on

    def token(self, size: int) -> bytes:
        return self._source.randbytes(size)

    def below(self, bound: int) -> int:
        return self._source.randrange(bound)


class ListedPolicy(AccessPolicy):
    """Refuses the names on a list, and remembers what it was asked."""

    def __init__(self, *refused: str, visible: bool = True) -> None:
        self._refused = set(refused)
        self._visible = visible
        self.asked: list[tuple[Action, tuple[str, ...]]] = []

    def rights(self, caller: Caller, session: Session) -> Rights:
        del session
        return ListedRights(principal=caller.principal, roles=(BUILT_IN["administrator"],), by=self)

    def decide(self, action: Action, names: Sequence[str]) -> Decision:
        self.asked.append((action, tuple(names)))
        if self._refused.isdisjoint(names):
            return Allowed(rule="everything else")
        return Refused(rule="the list", visible=self._visible)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRights(Rights):
    """Asks the list."""

    by: ListedPolicy

    def decide(self, action: Action, names: Sequence[str]) -> Decision:
        return self.by.decide(action, names)


class Vouched(Verifier[SignedToken]):
    """Knows tokens that it has handed out itself."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def token(self, claims: dict[str, Any], *, subject: str, issuer: str = "github") -> SignedToken:
        token = SignedToken(f"ey{len(self._known)}.a.b")
        self._known[token.text] = Identity(
            issuer=issuer,
            subject=subject,
            expires_at=START + timedelta(minutes=10),
            texts=texts_of(claims),
        )
        return token

    def verify(self, shown: SignedToken) -> Identity:
        if shown.text not in self._known:
            raise Unauthenticated("nobody vouches for the token")
        return self._known[shown.text]


class KnownRootKey(RootKeySource, RootKeySuccession):
    """Root keys whose bytes are known: each successor's are one higher."""

    def __init__(self, first: bytes = bytes(range(32))) -> None:
        self.keys = [LocalRootKey(first, source="known")]
        self.next: LocalRootKey | None = None

    @property
    def uri(self) -> str:
        return "known:"

    def load(self) -> LocalRootKey:
        return self.keys[-1]

    def propose(self) -> RootKey:
        if self.next is None:
            self.next = LocalRootKey(bytes([len(self.keys)] * 32), source="known")
        return self.next

    def proposed(self) -> RootKey | None:
        return self.next

    def adopt(self, successor: RootKey) -> None:
        if self.next is not None and self.next == successor:
            self.keys.append(self.next)
            self.next = None


class FixedRootKey(RootKeySource):
    """A source that cannot replace its key, such as an environment variable."""

    def __init__(self, key: bytes) -> None:
        self._inner = KnownRootKey(key)

    @property
    def uri(self) -> str:
        return "fixed:"

    def load(self) -> RootKey:
        return self._inner.load()


class CountedPace(Pace):
    """Does not rest, but does what it is told to between two steps."""

    def __init__(self) -> None:
        self.rests = 0
        self.between: Callable[[], object] = lambda: None

    def begin(self) -> None:
        self.rests = 0

    def rest(self) -> None:
        self.rests += 1
        self.between()


def never() -> bool:
    """Tell background work that the process does not stop."""
    return False
