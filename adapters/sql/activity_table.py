"""The table of the use of secrets."""

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, String, Table

from adapters.sql.tables import metadata
from adapters.sql.types import UtcDateTime

secret_activity = Table(
    "secret_activity",
    metadata,
    Column("secret_uid", LargeBinary(16), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("principal", String(255), primary_key=True),
    Column("reads", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("denials", BigInteger, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Index("ix_secret_activity_day", "day"),
)
"""Counts by secret, day (UTC) and principal. They stay when entries or secrets are erased."""
