"""When values were last read, written once for all works of a commit."""

from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import Connection

from adapters.sql.noted_reads import NotedReads
from adapters.sql.secret_catalogue import SqlSecretCatalogue

_NOTE = """
UPDATE secrets SET last_read_at = noted.moment
FROM unnest(%s::bigint[], %s::timestamptz[]) AS noted (id, moment)
WHERE secrets.id = noted.id
AND (secrets.last_read_at IS NULL OR secrets.last_read_at < noted.moment)
"""


class PostgresqlCatalogue(SqlSecretCatalogue):
    """Collects what was read, because a statement each would be a round trip for each reading.

    What it collects is seen by no other work before it is written, and it is written before the
    commit.
    """

    def __init__(self, connection: Connection, raw: psycopg.Connection[Any]) -> None:
        """Work in whatever transaction the connection is in."""
        super().__init__(connection, NotedReads(connection, grouped=False))
        self._raw = raw
        self._noted: list[tuple[int, datetime]] = []

    def note_read(self, secret_id: int, at: datetime) -> None:
        """Set when the value was last read; never backwards."""
        self._noted.append((secret_id, at))

    @property
    def has_notes(self) -> bool:
        """Tell whether there is something to write."""
        return bool(self._noted)

    def begin(self) -> None:
        """Start a transaction without notes."""
        self._noted.clear()

    def mark(self) -> int:
        """Return where a work begins."""
        return len(self._noted)

    def undo(self, mark: int) -> None:
        """Forget what came since."""
        del self._noted[mark:]

    def write(self) -> None:
        """Write what was noted: of each value its last reading, in an order that all keep."""
        newest: dict[int, datetime] = {}
        for secret_id, at in self._noted:
            newest[secret_id] = max(at, newest.get(secret_id, at))
        self._raw.execute(_NOTE, (list(newest), list(newest.values())))
        self._noted.clear()
