"""The succession of root keys in SQL."""

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from adapters.sql.tables import root_keys
from domain.errors import LostRace
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.root_key_records import RootKeyRecords

_CURRENT = select(root_keys).order_by(root_keys.c.generation.desc()).limit(1)
_INSERT = insert(root_keys)


class SqlRootKeyRecords(RootKeyRecords):
    """Keeps the table `root_keys`."""

    def __init__(self, connection: Connection) -> None:
        """Work in whatever transaction the connection is in."""
        self._connection = connection

    def current(self) -> RootKeyRecord | None:
        """Return the newest record, or `None`."""
        row = self._connection.execute(_CURRENT).one_or_none()
        if row is None:
            return None
        return RootKeyRecord(
            generation=row.generation, source=row.source, since=row.since, principal=row.principal
        )

    def add(self, record: RootKeyRecord) -> None:
        """Keep the record of the next root key.

        Raises:
            LostRace: there is one of this generation.
        """
        try:
            self._connection.execute(
                _INSERT,
                {
                    "generation": record.generation,
                    "source": record.source,
                    "since": record.since,
                    "principal": record.principal,
                },
            )
        except IntegrityError as error:
            raise LostRace from error
