"""Secrets on SQLite: of those that a reading will look for, the next few are found at once."""

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import Connection, bindparam, select

from adapters.sql.prepared import Prepared
from adapters.sql.secret_repository import SqlSecretRepository
from adapters.sql.secret_rows import COLUMNS, to_secret
from adapters.sql.statements import Statement
from adapters.sql.tables import secrets
from domain.secrets.reference import Reference, SecretId
from domain.secrets.secret import Secret

TOGETHER = 20
"""Secrets that one statement finds. They are in memory at once, and a value may be large."""

_ASKED = [f"asked_{number}" for number in range(TOGETHER)]
_LIVING = select(*COLUMNS).where(secrets.c.deleted_at.is_(None))
_BY_IDS = Statement(_LIVING.where(secrets.c.id.in_([bindparam(one) for one in _ASKED])))
_BY_NAMES = Statement(_LIVING.where(secrets.c.name.in_([bindparam(one) for one in _ASKED])))


class SqliteSecrets(SqlSecretRepository):
    """Finds the next few with the first of them, for a reading that says what it will look for.

    Whatever else is looked for, or in another order, is found as ever.
    """

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        super().__init__(connection)
        self._by_ids = _BY_IDS.on(connection)
        self._by_names = _BY_NAMES.on(connection)
        self._ahead: Iterator[Reference] | None = None
        self._found: deque[tuple[Reference, Secret | None]] = deque()

    @contextlib.contextmanager
    def foreseeing(self, references: Sequence[Reference]) -> Iterator[None]:
        """Look ahead while one reading runs, on the snapshot that it runs on."""
        self._ahead = iter(references)
        try:
            yield
        finally:
            self._ahead = None
            self._found.clear()

    def find(self, reference: Reference) -> Secret | None:
        """Return the living secret, or `None`."""
        if self._ahead is None:
            return super().find(reference)
        if not self._found:
            self._look(list(islice(self._ahead, TOGETHER)))
        # The very same object is the next in turn; to compare them would cost more.
        if self._found and self._found[0][0] is reference:
            return self._found.popleft()[1]
        return super().find(reference)

    def _look(self, references: Sequence[Reference]) -> None:
        """Find secrets, unless one of them cannot be read: that fails whoever asks for it alone."""
        numbers = [one.number for one in references if isinstance(one, SecretId)]
        names = [one.text for one in references if not isinstance(one, SecretId)]
        try:
            by_id = {one.id: one for one in _found(self._by_ids, numbers)}
            by_name = {one.name: one for one in _found(self._by_names, names)}
        except Exception:  # noqa: BLE001  whatever it is, it is met again by the one it concerns
            return
        self._found.extend(
            (one, by_id.get(one.number) if isinstance(one, SecretId) else by_name.get(one.text))
            for one in references
        )


def _found(statement: Prepared, asked: Sequence[Any]) -> list[Secret]:
    """Find up to `TOGETHER` secrets; the first is asked for again in place of those that lack."""
    if not asked:
        return []
    given = dict(zip_longest(_ASKED, asked, fillvalue=asked[0]))
    return [to_secret(row) for row in statement.all(given)]
