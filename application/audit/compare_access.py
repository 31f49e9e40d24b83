"""Comparing the rows of access with the log: a right that nobody gave is found."""

from collections.abc import Iterator

from application.audit.last_access_writes import LastAccessWrites
from domain.audit.facts import (
    facts_of_binding,
    facts_of_principal,
    facts_of_role,
    facts_of_token,
)
from domain.audit.finding import Finding
from domain.errors import UnknownFormat
from domain.ports.storage import Session

BATCH = 1000


class CompareAccess:
    """Looks at every row of access once, and at everything that the log knows of it."""

    def __init__(self, *, session: Session, writes: LastAccessWrites, complete: bool) -> None:
        """Take what the log says; `complete` when no entry of it was erased or is damaged."""
        self._session = session
        self._writes = writes
        self._knows_all = complete

    def __call__(self) -> Iterator[Finding]:
        """Return what does not fit."""
        seen: set[str] = set()
        try:
            for thing, facts in self._rows():
                seen.add(thing)
                yield from self._check(thing, facts)
        except UnknownFormat as error:
            yield Finding(text=f"roles cannot be compared: {error}")
            return
        for thing, left in self._writes.left.items():
            if thing not in seen and not left.removed:
                text = f"{thing} is missing, although the entry left it"
                yield Finding(entry=left.number, text=text)

    def _rows(self) -> Iterator[tuple[str, str]]:
        """Go through all rows: what the log calls each, and its facts."""
        for role in self._session.roles.all():
            yield f"role {role.name}", facts_of_role(role)
        name = ""
        while principals := self._session.principals.page(after=name, limit=BATCH):
            for principal in principals:
                roles = self._session.bindings.roles_of(principal.name)
                yield f"principal {principal.name}", facts_of_principal(principal.name, roles)
            name = principals[-1].name
        number = 0
        while tokens := self._session.tokens.page(after=number, limit=BATCH):
            for token in tokens:
                revoked = token.revoked_at is not None
                yield f"token {token.id}", facts_of_token(token, revoked=revoked)
            number = tokens[-1].id
        number = 0
        while bindings := self._session.claim_bindings.page(after=number, limit=BATCH):
            for binding in bindings:
                yield f"binding {binding.id}", facts_of_binding(binding)
            number = bindings[-1].id

    def _check(self, thing: str, facts: str) -> Iterator[Finding]:
        """Compare one row with what the log says."""
        left = self._writes.left.get(thing)
        if left is None:
            if self._knows_all:
                yield Finding(text=f"{thing} is there, but no entry wrote it")
        elif left.removed:
            text = f"{thing} is there, although the entry removed it"
            yield Finding(entry=left.number, text=text)
        elif left.facts not in {None, facts}:
            yield Finding(entry=left.number, text=f"{thing} is not as the entry left it")
