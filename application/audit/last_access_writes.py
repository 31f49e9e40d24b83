"""What the log says that the store must hold of roles, principals, tokens and bindings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from application.access.first_administrator import FIRST_NAME
from domain.access.action import Action
from domain.access.built_in import ADMINISTRATOR
from domain.audit.event import AuditEntry
from domain.audit.facts import facts_of_principal
from domain.audit.left_behind import LeftBehind

_WRITES = frozenset(
    {
        Action.FIRST_ADMINISTRATOR,
        Action.CREATE_TOKEN,
        Action.REVOKE_TOKEN,
        Action.CREATE_ROLE,
        Action.REPLACE_ROLE,
        Action.CREATE_PRINCIPAL,
        Action.BIND_ROLES,
        Action.CREATE_BINDING,
    }
)
_REMOVALS = frozenset({Action.REMOVE_ROLE, Action.REMOVE_PRINCIPAL, Action.REMOVE_BINDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What an entry left of one thing: its facts, unless it was removed or they are not known."""

    number: int
    facts: str | None
    removed: bool = False


@dataclass(slots=True)
class LastAccessWrites:
    """Follows the log and keeps what it says last, by what an entry calls the thing."""

    left: dict[str, Left] = field(default_factory=dict)
    _tokens: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def beginning(cls, left: Iterable[LeftBehind]) -> "LastAccessWrites":
        """Begin with what entries have left that were erased."""
        writes = cls()
        for one in left:
            writes.left[one.thing] = Left(number=one.number, facts=one.facts)
            if one.holder is not None:
                writes._tokens.setdefault(one.holder, []).append(one.thing)
        return writes

    def left_behind(self) -> Sequence[LeftBehind]:
        """Return what would be left if all entries so far were erased."""
        holders = {token: holder for holder, tokens in self._tokens.items() for token in tokens}
        return [
            LeftBehind(thing=name, number=left.number, facts=left.facts, holder=holders.get(name))
            for name, left in self.left.items()
            if not left.removed
        ]

    def follow(self, entry: AuditEntry) -> None:
        """Take in the next entry, of something that was done."""
        action, reference = entry.event.action, entry.event.subject.reference
        if action not in _WRITES | _REMOVALS:
            return
        facts, removed = entry.event.subject.facts, action in _REMOVALS
        self.left[thing(reference)] = Left(number=entry.number, facts=facts, removed=removed)
        if action in {Action.CREATE_TOKEN, Action.FIRST_ADMINISTRATOR}:
            self._tokens.setdefault(reference.rpartition(" ")[2], []).append(thing(reference))
        if action is Action.FIRST_ADMINISTRATOR:
            bound = facts_of_principal(FIRST_NAME, [ADMINISTRATOR])
            known = None if facts is None else bound
            self.left[f"principal {FIRST_NAME}"] = Left(number=entry.number, facts=known)
        if action is Action.REMOVE_PRINCIPAL:
            for token in self._tokens.pop(thing(reference).rpartition(" ")[2], []):
                self.left[token] = Left(number=entry.number, facts=None, removed=True)


def thing(reference: str) -> str:
    """Return what an entry calls the thing that it is about: `role viewer`, `token 7`."""
    return " ".join(reference.split(" ", 2)[:2]).rstrip(":")
