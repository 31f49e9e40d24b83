"""Noting when secrets were read: for many at once where whole groups share a transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, update

from adapters.sql.statements import Statement
from adapters.sql.tables import secrets

_NOTE = Statement(
    update(secrets)
    .where(
        secrets.c.id == bindparam("of_id"),
        or_(secrets.c.last_read_at.is_(None), secrets.c.last_read_at < bindparam("moment")),
    )
    .values(last_read_at=bindparam("moment"))
)

Noted = dict[str, Any]


class NotedReads:
    """Collects the readings of a transaction, and writes them when they are needed or it ends."""

    def __init__(self, connection: Connection, *, grouped: bool) -> None:
        """Work in whatever transaction the connection is in.

        Args:
            connection: the connection.
            grouped: wait for `write`, which whoever ends the transaction must call; otherwise
                every reading is written at once.
        """
        self._note = _NOTE.on(connection)
        self._grouped = grouped
        self._noted: list[Noted] = []
        self._written = 0

    def begin(self) -> None:
        """Start a transaction without readings."""
        self._noted.clear()
        self._written = 0

    def add(self, secret_id: int, at: datetime) -> None:
        """Take a reading."""
        noted: Noted = {"of_id": secret_id, "moment": at}
        if self._grouped:
            self._noted.append(noted)
        else:
            self._note.run(noted)

    def mark(self) -> int:
        """Return where a work begins."""
        return len(self._noted)

    def undo(self, mark: int) -> None:
        """Forget what came since."""
        del self._noted[mark:]
        self._written = min(self._written, mark)

    @property
    def is_due(self) -> bool:
        """Tell whether there is something to write."""
        return len(self._noted) > self._written

    def write(self) -> None:
        """Write what was taken and is not written yet."""
        if self.is_due:
            self.write_each(self._noted[self._written :])
            self._written = len(self._noted)

    def write_each(self, noted: list[Noted]) -> None:
        """Write readings, at least one."""
        self._note.run_each(noted)
