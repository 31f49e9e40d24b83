"""Many secrets at once, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Exists, Select, bindparam, exists, select

from adapters.sql.functions import place
from adapters.sql.name_patterns import admitted
from adapters.sql.noted_reads import NotedReads
from adapters.sql.secret_rows import COLUMNS, SUMMARY, to_secret, to_summary
from adapters.sql.statements import Statement
from adapters.sql.tables import secret_tags, secrets
from domain.ports.secret_catalogue import SecretCatalogue
from domain.secrets.listing import Listing, TagFilter, upper_bound
from domain.secrets.reference import SecretId
from domain.secrets.secret import MAX_ID, Secret
from domain.secrets.summary import SecretSummary

_DELETED_BEFORE = (
    select(secrets.c.id)
    .where(secrets.c.deleted_at < bindparam("moment"))
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)
_LIVING = Statement(
    select(*SUMMARY)
    .where(secrets.c.deleted_at.is_(None), secrets.c.id > bindparam("behind"))
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("passed")),
    read=to_summary,
)
"""The list that is asked for most: of whoever may see everything, without a filter."""

_FIRST = -MAX_ID - 1
"""Behind this stands everything: an earlier backend may have given out ids below 1."""


class SqlSecretCatalogue(SecretCatalogue):
    """Finds secrets by what they have in common."""

    def __init__(self, connection: Connection, reads: NotedReads) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._reads = reads
        self._living = _LIVING.on(connection)

    def summaries(self, listing: Listing) -> Sequence[SecretSummary]:
        """Return what is told of the secrets that `page` returns, without reading their values."""
        if listing.is_plain:
            place = {"behind": listing.after or _FIRST, "most": listing.limit}
            return self._living.read_all(place | {"passed": listing.skip})
        return [to_summary(row) for row in self._connection.execute(_page(listing, SUMMARY))]

    def page(self, listing: Listing) -> Sequence[Secret]:
        """Return up to `limit` secrets that all filters fit, ordered by id, each as a whole."""
        return [to_secret(row) for row in self._connection.execute(_page(listing, COLUMNS))]

    def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[SecretId]:
        """Return up to `limit` secrets that were deleted before the moment, ordered by id."""
        found = self._connection.execute(_DELETED_BEFORE, {"moment": moment, "most": limit})
        return [SecretId(number) for number in found.scalars()]

    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards."""
        self._reads.add(secret_id, at)


def _page(listing: Listing, columns: Sequence[Column[Any]]) -> Select[tuple[object, ...]]:
    """Return the query for a page."""
    query = _filtered(listing, columns).order_by(secrets.c.id).limit(listing.limit)
    return query.offset(listing.skip) if listing.skip else query


def _filtered(listing: Listing, columns: Sequence[Column[Any]]) -> Select[tuple[object, ...]]:
    """Return the query for all that the filters let through."""
    deleted = secrets.c.deleted_at
    query: Select[Any] = select(*columns).where(
        deleted.is_not(None) if listing.deleted else deleted.is_(None)
    )
    query = query.where(admitted(listing.names))
    if listing.after:
        query = query.where(secrets.c.id > listing.after)
    if listing.prefix:
        query = query.where(secrets.c.name >= listing.prefix)
        bound = upper_bound(listing.prefix)
        query = query if bound is None else query.where(secrets.c.name < bound)
    if listing.query:
        # A plain substring: LIKE would read the caller's % and _ as wildcards.
        query = query.where(place(secrets.c.search_text, listing.query.casefold()) > 0)
    for tag in listing.tags:
        query = query.where(_has(tag))
    return query


def _has(tag: TagFilter) -> Exists:
    """Return the condition that a secret carries the tag."""
    condition = exists().where(
        secret_tags.c.secret_id == secrets.c.id, secret_tags.c.key == tag.key
    )
    return condition if tag.value is None else condition.where(secret_tags.c.value == tag.value)
