"""A change that means nothing, in SQL."""

from sqlalchemy import Connection, text

from domain.ports.write_probe import WriteProbe

_TOUCH = text("UPDATE alembic_version SET version_num = version_num")


class SqlWriteProbe(WriteProbe):
    """Writes the one row that every store of ours has."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def touch(self) -> None:
        """Write what stands there already."""
        self._connection.execute(_TOUCH)
