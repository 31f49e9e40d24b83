"""Many secrets at once, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.tables import Tables
from domain.ports.secret_catalogue import SecretCatalogue
from domain.secrets.listing import Listing, TagFilter, search_text
from domain.secrets.reference import SecretId
from domain.secrets.secret import Secret
from domain.secrets.summary import SecretSummary


class MemorySecretCatalogue(SecretCatalogue):
    """Goes through all secrets."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def summaries(self, listing: Listing) -> Sequence[SecretSummary]:
        """Return what is told of the secrets that `page` returns."""
        return [SecretSummary.of(secret) for secret in self.page(listing)]

    def page(self, listing: Listing) -> Sequence[Secret]:
        """Return up to `limit` secrets that all filters fit, ordered by id."""
        fitting = [row for row in self._by_id() if _fits(row, listing)]
        return fitting[listing.skip : listing.skip + listing.limit]

    def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[SecretId]:
        """Return up to `limit` secrets that were deleted before the moment, ordered by id."""
        deleted = (row for row in self._by_id() if row.deleted_at is not None)
        due = [SecretId(row.id) for row in deleted if row.deleted_at and row.deleted_at < moment]
        return due[:limit]

    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards."""
        row = self._tables.secrets.get(secret_id)
        if row is not None and (row.last_read_at is None or row.last_read_at < at):
            self._tables.secrets.put(secret_id, replace(row, last_read_at=at))

    def _by_id(self) -> list[Secret]:
        """Return all secrets in their order."""
        return [self._tables.secrets[key] for key in sorted(self._tables.secrets)]


def _fits(secret: Secret, listing: Listing) -> bool:
    """Tell whether every filter lets the secret through."""
    return (
        (secret.deleted_at is not None) is listing.deleted
        and (not listing.after or secret.id > listing.after)
        and secret.name.startswith(listing.prefix)
        and listing.names.admits(secret.name)
        and listing.query.casefold() in search_text(secret.name, secret.description)
        and all(_has(secret, tag) for tag in listing.tags)
    )


def _has(secret: Secret, tag: TagFilter) -> bool:
    """Tell whether the secret carries the tag."""
    value = secret.tags.get(tag.key)
    return value is not None and tag.value in {None, value}
