"""Every sealed value in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from adapters.memory.tables import Tables
from domain.ports.sealed_values import SealedValues, StoredValue


class MemorySealedValues(SealedValues):
    """Goes through the newest values of all secrets."""

    def __init__(self, tables: Tables) -> None:
        """Work on these tables."""
        self._tables = tables

    def not_beginning(self, prefix: str, *, after: int, limit: int) -> Sequence[StoredValue]:
        """Return newest values of secrets with ids above `after` without this prefix, by id."""
        rows = [self._tables.secrets[key] for key in sorted(self._tables.secrets) if key > after]
        fitting = [row for row in rows if not row.sealed.startswith(prefix)]
        return [
            StoredValue(secret_id=row.id, uid=row.uid, version=row.version, sealed=row.sealed)
            for row in fitting[:limit]
        ]

    def any_beginning(self, prefix: str) -> bool:
        """Tell whether any stored value, newest or older, begins with the prefix."""
        newest = (row.sealed for row in self._tables.secrets.values())
        older = (row.sealed or "" for row in self._tables.versions.values())
        return any(text.startswith(prefix) for texts in (newest, older) for text in texts)

    def under(self, key_id: str, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values sealed under a data key, which stand behind `after`."""
        fitting = [value for value in self._all() if _key_of(value) == key_id]
        return _behind(fitting, after, limit)

    def page(self, *, after: StoredValue | None, limit: int) -> Sequence[StoredValue]:
        """Return values, whatever they are sealed under, which stand behind `after`."""
        return _behind(self._all(), after, limit)

    def count_under(self, key_id: str) -> int:
        """Return how many values, newest and earlier, are sealed under a data key."""
        return sum(_key_of(value) == key_id for value in self._all())

    def reseal(self, resealed: Sequence[tuple[StoredValue, str]]) -> int:
        """Put new seals in the places of exactly these values; return how many were there."""
        return sum(self._exchange(value, sealed) for value, sealed in resealed)

    def _exchange(self, value: StoredValue, sealed: str) -> bool:
        """Exchange one seal; tell whether it was still there."""
        if not value.newest:
            key = (value.secret_id, value.version)
            earlier = self._tables.versions.get(key)
            if earlier is None or earlier.sealed != value.sealed:
                return False
            self._tables.versions.put(key, replace(earlier, sealed=sealed))
            return True
        row = self._tables.secrets.get(value.secret_id)
        if row is None or (row.version, row.sealed) != (value.version, value.sealed):
            return False
        self._tables.secrets.put(row.id, replace(row, sealed=sealed))
        return True

    def _all(self) -> Iterator[StoredValue]:
        """Go through every value, newest and earlier."""
        secrets = self._tables.secrets
        for row in secrets.values():
            yield StoredValue(secret_id=row.id, uid=row.uid, version=row.version, sealed=row.sealed)
        for old in self._tables.versions.values():
            if old.sealed is not None:
                yield StoredValue(
                    secret_id=old.secret_id, uid=secrets[old.secret_id].uid, version=old.version,
                    newest=False, sealed=old.sealed,
                )  # fmt: skip


def _behind(
    values: Iterable[StoredValue], after: StoredValue | None, limit: int
) -> Sequence[StoredValue]:
    """Return the first values behind a place."""
    if after is not None:
        values = [value for value in values if _place(value) > _place(after)]
    return sorted(values, key=_place)[:limit]


def _key_of(value: StoredValue) -> str:
    """Return the id of the data key that a stored value names."""
    return value.sealed[4:20]


def _place(value: StoredValue) -> tuple[bool, int, int]:
    """Return what the order goes by: newest values by secret, earlier ones by version too."""
    return (not value.newest, value.secret_id, 0 if value.newest else value.version)
