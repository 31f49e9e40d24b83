"""Tokens in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from adapters.sql.access_tables import tokens
from adapters.sql.prepared import Columns
from adapters.sql.statements import Statement
from domain.access.token import Token
from domain.ports.known_tokens import KnownTokens
from domain.ports.token_repository import TokenRepository

_decode_networks = msgspec.json.Decoder(list[str]).decode

_FIND = select(tokens).where(tokens.c.id == bindparam("number"))
_PAGE = (
    select(tokens)
    .where(tokens.c.id > bindparam("after"))
    .order_by(tokens.c.id)
    .limit(bindparam("most"))
)
_INSERT = insert(tokens).returning(tokens.c.id)
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("number"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("moment"))
)
_NOTE_USE = Statement(
    update(tokens)
    .where(
        tokens.c.id == bindparam("number"),
        or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < bindparam("moment")),
    )
    .values(last_used_at=bindparam("moment"))
)


def _to_token(row: Columns) -> Token:
    """Read a token out of its row."""
    (
        number, principal, description, digest, hint, created_at, created_by, expires_at, networks,
        last_used_at, revoked_at,
    ) = row  # fmt: skip
    return Token(
        id=number,
        principal=principal,
        description=description,
        digest=digest,
        hint=hint,
        created_at=created_at,
        created_by=created_by,
        expires_at=expires_at,
        networks=() if networks == "[]" else tuple(_decode_networks(networks)),
        last_used_at=last_used_at,
        revoked_at=revoked_at,
    )


_RECOGNISE = Statement(
    select(tokens).where(tokens.c.digest == bindparam("of_digest")), read=_to_token
)


class SqlTokenRepository(TokenRepository):
    """Keeps the table `tokens`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def find(self, number: int) -> Token | None:
        """Return the token with this id, or `None`."""
        row = self._connection.execute(_FIND, {"number": number}).one_or_none()
        return None if row is None else _to_token(row)

    def page(self, *, after: int, limit: int) -> Sequence[Token]:
        """Return up to `limit` tokens with ids above `after`, ordered by id."""
        rows = self._connection.execute(_PAGE, {"after": after, "most": limit})
        return [_to_token(row) for row in rows]

    def add(self, token: Token) -> Token:
        """Keep a new token of a principal that is there, and return it with its id."""
        number: int = self._connection.execute(_INSERT, _to_row(token)).scalar_one()
        return replace(token, id=number)

    def revoke(self, number: int, at: datetime) -> bool:
        """Have the token count no longer; tell whether it did until now."""
        done = self._connection.execute(_REVOKE, {"number": number, "moment": at})
        return done.rowcount == 1


class SqlKnownTokens(KnownTokens):
    """Looks into the table `tokens` by its index of hashes."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._recognise = _RECOGNISE.on(connection)
        self._note_use = _NOTE_USE.on(connection)

    def recognise(self, digest: bytes) -> Token | None:
        """Return the token with this hash, revoked or not, or `None`."""
        token: Token | None = self._recognise.read({"of_digest": digest})
        # Ids below 1 are never given out, and no page has them: such a row was put where nobody
        # who looks everything over sees it.
        return None if token is None or token.id < 1 else token

    def note_use(self, number: int, at: datetime) -> None:
        """Set when the token was last used; never backwards, and nothing else of it."""
        self._note_use.run({"number": number, "moment": at})


def _to_row(token: Token) -> dict[str, object]:
    """Write out everything of a token but its id."""
    return {
        "principal": token.principal,
        "description": token.description,
        "digest": token.digest,
        "hint": token.hint,
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "networks": msgspec.json.encode(token.networks).decode(),
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
