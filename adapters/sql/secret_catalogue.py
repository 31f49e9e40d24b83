"""Many secrets at once, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Exists, Select, bindparam, exists, select

from adapters.sql.functions import place
from adapters.sql.name_patterns import admitted
from adapters.sql.noted_reads import NotedReads
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.tables import secret_tags, secrets
from domain.ports.secret_catalogue import SecretCatalogue
from domain.secrets.listing import Listing, TagFilter, upper_bound
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret

_DELETED_BEFORE = (
    select(secrets.c.id)
    .where(secrets.c.deleted_at < bindparam("moment"))
    .order_by(secrets.c.id)
    .limit(bindparam("most"))
)


class SqlSecretCatalogue(SecretCatalogue):
    """Finds secrets by what they have in common."""

    def __init__(self, connection: Connection, reads: NotedReads) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection
        self._reads = reads

    def page(self, listing: Listing) -> Sequence[Secret]:
        """Return up to `limit` secrets that all filters fit, ordered by id."""
        query = _filtered(listing).order_by(secrets.c.id).limit(listing.limit)
        if listing.skip:
            query = query.offset(listing.skip)
        return [to_secret(row) for row in self._connection.execute(query)]

    def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[SecretId]:
        """Return up to `limit` secrets that were deleted before the moment, ordered by id."""
        found = self._connection.execute(_DELETED_BEFORE, {"moment": moment, "most": limit})
        return [SecretId(number) for number in found.scalars()]

    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards."""
        self._reads.add(secret_id, at)


def _filtered(listing: Listing) -> Select[tuple[object, ...]]:
    """Return the query for all that the filters let through."""
    deleted = secrets.c.deleted_at
    query = select(*COLUMNS).where(deleted.is_not(None) if listing.deleted else deleted.is_(None))
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
