"""Comparing the store with its log: what was put back, taken away, or changed in silence."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from application.audit.last_writes import Expected, LastWrites
from domain.audit.facts import facts_of_secret
from domain.audit.finding import Finding
from domain.ports.storage import Session
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret

BATCH = 1000


class CompareStore:
    """Looks at every row once, and at every secret that the log knows."""

    def __init__(self, *, session: Session, writes: LastWrites, complete: bool) -> None:
        """Take what the log says; `complete` when no entry of it was erased or is damaged."""
        self._session = session
        self._writes = writes
        self._knows_all = complete and not writes.has_adopted
        self.secrets = 0

    def __call__(self) -> Iterator[Finding]:
        """Return what does not fit."""
        seen: set[bytes] = set()
        for secret in self._rows():
            self.secrets += 1
            seen.add(secret.uid)
            yield from self._check(secret)
        for uid, expected in self._writes.secrets.items():
            if uid not in seen and not expected.is_purged:
                yield Finding(
                    entry=expected.last.number,
                    secret=_id_of(expected),
                    text="the row is missing, although the entry left one",
                )

    def _rows(self) -> Iterator[Secret]:
        """Go through all rows, the deleted ones too."""
        for deleted in (False, True):
            # No cursor at first: earlier backends gave out ids of 0 and below, a few at most.
            listing = Listing(limit=BATCH, deleted=deleted)
            while page := self._session.catalogue.page(listing):
                yield from page
                listing = replace(listing, after=max(page[-1].id, 1))

    def _check(self, secret: Secret) -> Iterator[Finding]:
        """Compare one row with what the log says."""
        expected = self._writes.secrets.get(secret.uid)
        if expected is None:
            if self._knows_all:
                yield Finding(secret=secret.id, text="the row is there, but no entry wrote it")
            return
        told = (
            self._older(secret, expected)
            or _edited(secret, expected)
            or self._other(secret, expected)
        )
        if told is not None:
            yield Finding(entry=expected.last.number, secret=secret.id, text=told)
        for version, number in expected.destroyed.items():
            found = self._session.versions.find(secret.id, version)
            if found is not None and found.sealed is not None:
                text = f"the value of version {version} is back, although the entry erased it"
                yield Finding(entry=number, secret=secret.id, text=text)

    def _older(self, secret: Secret, expected: Expected) -> str | None:
        """Say how the row is older, or newer, than the last write."""
        subject = expected.last.event.subject
        if expected.is_purged:
            return "the row is there, although the entry erased it for good"
        if secret.version < (subject.version or 0) or secret.revision < (subject.revision or 0):
            return (
                f"the row is older than the entry: it has version {secret.version} and revision"
                f" {secret.revision}, the entry left version {subject.version} and revision"
                f" {subject.revision or 'unknown'}"
            )
        if subject.revision is not None and secret.revision > subject.revision:
            return f"the row has revision {secret.revision}, which no entry left"
        if expected.is_deleted and secret.deleted_at is None:
            return "the row is not deleted, although the entry deleted it"
        if secret.deleted_at is not None and not expected.is_deleted:
            return "the row is deleted, although no entry deleted it"
        return None

    def _other(self, secret: Secret, expected: Expected) -> str | None:
        """Say that the stored value is another one than the entry left.

        A rotation seals values anew without an entry for each, so only what was written after the
        last one began can be compared.
        """
        subject = expected.last.event.subject
        if subject.digest is None or expected.last.number < self._writes.last_rotation:
            return None
        if hashlib.sha256(secret.sealed.encode()).hexdigest() == subject.digest:
            return None
        return "the stored value is not the one that the entry left"


def _edited(secret: Secret, expected: Expected) -> str | None:
    """Say that what is not sealed was changed. Entries of early versions do not know it."""
    if expected.last.event.subject.facts in {None, facts_of_secret(secret)}:
        return None
    return "the name, description, tags or expiry is not what the entry left"


def _id_of(expected: Expected) -> int | None:
    """Return the id of a secret whose row is gone."""
    kind, _, number = expected.last.event.subject.reference.partition(" ")
    return int(number) if kind == "id" and number.isdigit() else None
