"""When values were last read, written once for all works of a commit."""

from datetime import datetime

from sqlalchemy import Connection

from adapters.sql.noted_reads import Noted, NotedReads
from adapters.sql.postgresql_values import written_array
from adapters.sql.postgresql_wire import Text, Wire

_NOTE = Text("""
UPDATE secrets SET last_read_at = noted.moment
FROM unnest($1::bigint[], $2::timestamptz[]) AS noted (id, moment)
WHERE secrets.id = noted.id
AND (secrets.last_read_at IS NULL OR secrets.last_read_at < noted.moment)
""")


class PostgresqlReads(NotedReads):
    """Writes all readings in one statement, because one each would be a round trip for each.

    They are seen by no other work before they are written, and they are written before the commit.
    """

    def __init__(self, connection: Connection, wire: Wire) -> None:
        """Work in whatever transaction the connection is in."""
        super().__init__(connection, grouped=True)
        self._wire = wire

    def write_each(self, noted: list[Noted]) -> None:
        """Write of each value its last reading, in an order that all keep."""
        newest: dict[int, datetime] = {}
        for one in noted:
            newest[one["of_id"]] = max(one["moment"], newest.get(one["of_id"], one["moment"]))
        values = (written_array(newest), written_array(newest.values()))
        if not self._wire.put(_NOTE, values):
            self._wire.run(_NOTE, values)
