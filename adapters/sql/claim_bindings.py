"""Bindings of claims in SQL."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from adapters.sql.claim_tables import claim_bindings
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.claims import Path
from domain.access.identity import Identity
from domain.errors import InvalidInput, UnknownFormat
from domain.ports.claim_binding_repository import ClaimBindingRepository
from domain.ports.fitting_bindings import FittingBindings

_FIND = select(claim_bindings).where(claim_bindings.c.id == bindparam("number"))
_PAGE = (
    select(claim_bindings)
    .where(claim_bindings.c.id > bindparam("after"))
    .order_by(claim_bindings.c.id)
    .limit(bindparam("most"))
)
_FITTING = (
    select(claim_bindings)
    .where(claim_bindings.c.anchor.in_(bindparam("digests", expanding=True)))
    .order_by(claim_bindings.c.id)
)
_ANCHORS = (
    select(claim_bindings.c.anchor, func.count())
    .where(claim_bindings.c.anchor.in_(bindparam("digests", expanding=True)))
    .group_by(claim_bindings.c.anchor)
)
_INSERT = insert(claim_bindings).returning(claim_bindings.c.id)
_DELETE = delete(claim_bindings).where(claim_bindings.c.id == bindparam("number"))


class SqlClaimBindingRepository(ClaimBindingRepository):
    """Keeps the table `claim_bindings`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, number: int) -> ClaimBinding | None:
        """Return the binding with this id, or `None`."""
        row = self._connection.execute(_FIND, {"number": number}).one_or_none()
        return None if row is None else _to_binding(row)

    def page(self, *, after: int, limit: int) -> Sequence[ClaimBinding]:
        """Return up to `limit` bindings with ids above `after`, ordered by id."""
        rows = self._connection.execute(_PAGE, {"after": after, "most": limit})
        return [_to_binding(row) for row in rows]

    def add(self, binding: ClaimBinding) -> ClaimBinding:
        """Keep a new binding, and return it with its id. Ids are never reused."""
        row = {**_to_row(binding), "anchor": self._anchor(binding)}
        number: int = self._connection.execute(_INSERT, row).scalar_one()
        return replace(binding, id=number)

    def remove(self, number: int) -> None:
        """Erase a binding, if it is there."""
        self._connection.execute(_DELETE, {"number": number})

    def _anchor(self, binding: ClaimBinding) -> bytes:
        """Return the hash of the condition that the fewest others are found by.

        Many bindings may want the same branch, but each of them another repository.
        """
        digests = [
            _digest(binding.issuer, condition.path, condition.text)
            for condition in binding.conditions
        ]
        rows = self._connection.execute(_ANCHORS, {"digests": digests})
        taken: dict[bytes, int] = {row[0]: row[1] for row in rows}
        return min(digests, key=lambda digest: taken.get(digest, 0))


class SqlFittingBindings(FittingBindings):
    """Looks into the table `claim_bindings` by its index of hashes."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def fitting(self, identity: Identity) -> Sequence[ClaimBinding]:
        """Return the bindings whose conditions all hold, ordered by id."""
        rows = self._connection.execute(_FITTING, {"digests": _digests(identity)})
        found = [_to_binding(row) for row in rows]
        # The hashes only find; what decides is compared itself. Ids below 1 are never given out,
        # and no page has them: such a row was put where nobody who looks everything over sees it.
        return [binding for binding in found if binding.id > 0 and binding.fits(identity)]


# What an identity is never changes, so remembering this needs no proof of freshness.
@lru_cache(maxsize=512)
def _digests(identity: Identity) -> list[bytes]:
    """Return what the conditions that hold for an identity may hash to."""
    return [_digest(identity.issuer, path, text) for path, text in identity.texts.items()]


def _digest(issuer: str, path: Path, text: str) -> bytes:
    """Return the hash of a condition."""
    return hashlib.sha256(msgspec.json.encode([issuer, path, text])).digest()


def _to_row(binding: ClaimBinding) -> dict[str, object]:
    """Write out everything of a binding but its id."""
    claims = {condition.claim: condition.text for condition in binding.conditions}
    return {
        "issuer": binding.issuer,
        "claims": msgspec.json.encode(claims).decode(),
        "roles": msgspec.json.encode(binding.roles).decode(),
        "description": binding.description,
        "created_at": binding.created_at,
        "created_by": binding.created_by,
    }


def _to_binding(row: Row[*tuple[Any, ...]]) -> ClaimBinding:
    """Read a binding out of its row.

    Raises:
        UnknownFormat: the row says something that this version does not know, or would not be
            found by those who fit it. Passing it over could be to pass over a role that denies.
    """
    try:
        binding = ClaimBinding(
            id=row.id,
            issuer=row.issuer,
            conditions=_conditions(row.claims),
            roles=_roles(row.roles),
            description=row.description,
            created_at=row.created_at,
            created_by=row.created_by,
        )
    except (msgspec.MsgspecError, InvalidInput) as error:
        raise UnknownFormat("a binding of claims cannot be read") from error
    if row.anchor not in _anchors(row.issuer, row.claims):
        raise UnknownFormat("a binding of claims is kept under a hash that none of its claims has")
    return binding


# What a text means never changes, so remembering it needs no proof of freshness.
@lru_cache(maxsize=1024)
def _conditions(text: str) -> tuple[ClaimCondition, ...]:
    """Read conditions."""
    claims = msgspec.json.decode(text, type=dict[str, str])
    return tuple(ClaimCondition(claim=claim, text=value) for claim, value in claims.items())


@lru_cache(maxsize=1024)
def _anchors(issuer: str, text: str) -> frozenset[bytes]:
    """Return the hashes that a binding may be kept under."""
    return frozenset(_digest(issuer, item.path, item.text) for item in _conditions(text))


@lru_cache(maxsize=1024)
def _roles(text: str) -> tuple[str, ...]:
    """Read names of roles."""
    return tuple(msgspec.json.decode(text, type=list[str]))
