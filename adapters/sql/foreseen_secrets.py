"""Secrets of which it is known that they will be looked for: the next few are found at once."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from adapters.sql.prepared import Columns, Parameters
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets
from domain.errors import StorageUnavailable
from domain.secrets.reference import Reference, SecretId
from domain.secrets.secret import Secret

TOGETHER = 20
"""Secrets that one statement finds. They are in memory at once, and a value may be large."""

Key = int | str
"""What a reference says: an id or a name."""

_ID, _NAME = COLUMNS.index(secrets.c.id), COLUMNS.index(secrets.c.name)


class ForeseenSecrets(SqlSecretRepository):
    """Finds the next few with the first of them that somebody looks for, and not before.

    Whoever is refused before that has looked for nothing: what is not theirs to know costs no time
    that they could measure. Whatever else is looked for is found as ever.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        by_ids: Statement,
        by_names: Statement,
        given: Callable[[Sequence[Any]], Parameters],
    ) -> None:
        """Work in whatever transaction the connection is in.

        Args:
            connection: the connection.
            by_ids: finds living secrets with up to `TOGETHER` ids.
            by_names: likewise with names.
            given: makes the parameters of both, of ids or of names.
        """
        super().__init__(connection)
        self._by_ids = by_ids.on(connection)
        self._by_names = by_names.on(connection)
        self._given = given
        self._ahead: dict[Key, None] = {}
        self._found: dict[Key, Columns | None] = {}
        self.has_looked_in_vain = False

    @contextlib.contextmanager
    def foreseeing(self, references: Sequence[Reference]) -> Iterator[None]:
        """Know what will be looked for, as long as the snapshot lasts on which it is."""
        self._ahead = dict.fromkeys(map(_key, references))
        self.has_looked_in_vain = False
        try:
            yield
        finally:
            self._ahead, self._found = {}, {}

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if not self._ahead and not self._found:
            return super().find(reference)
        key = _key(reference)
        if key in self._ahead:
            self._look(key)
        if key not in self._found:
            return super().find(reference)
        row = self._found[key]
        return None if row is None else to_secret(row)

    def _look(self, first: Key) -> None:
        """Find the next few from one on; those before it nobody has looked for.

        Where one of them cannot be read, that is met again by whoever it concerns.

        Raises:
            StorageUnavailable: the database failed, perhaps for one of them.
        """
        while (key := next(iter(self._ahead))) != first:
            del self._ahead[key]
        some = list(islice(self._ahead, TOGETHER))
        for key in some:
            del self._ahead[key]
        self._found = {}
        try:
            self._found = dict.fromkeys(some) | self._rows(some)
        except StorageUnavailable:
            self.has_looked_in_vain = True
            raise
        except Exception:  # noqa: BLE001, S110  see above
            pass

    def _rows(self, keys: Sequence[Key]) -> dict[Key, Columns | None]:
        """Return the rows that are there."""
        rows: dict[Key, Columns | None] = {}
        if ids := [key for key in keys if isinstance(key, int)]:
            rows |= {row[_ID]: row for row in self._by_ids.all(self._given(ids))}
        if names := [key for key in keys if isinstance(key, str)]:
            rows |= {row[_NAME]: row for row in self._by_names.all(self._given(names))}
        return rows


def _key(reference: Reference) -> Key:
    """Return what a reference says."""
    return reference.number if isinstance(reference, SecretId) else reference.text
