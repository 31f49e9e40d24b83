"""The table of the runs of backups."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

backup_runs = Table(
    "backup_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("scheduled", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text),
    Column("place", Text, nullable=False),
    Column("name", String(128), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sealed_values", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Index("ix_backup_runs_outcome", "outcome", "id"),
    sqlite_autoincrement=True,
)
"""What this place has seen. It is left out of backups: a restored store was never backed up."""
