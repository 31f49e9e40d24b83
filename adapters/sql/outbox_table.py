"""The table of what is to be told to receivers."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

_WAITS = text("state = 'waiting'")

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("receiver", String(64), nullable=False),
    Column("notice_id", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("aside", Boolean, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("error", Text),
    Index(
        "ix_outbox_waiting", "receiver", "id", sqlite_where=_WAITS, postgresql_where=_WAITS,
    ),
    Index("ix_outbox_ended_at", "state", "ended_at"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""Deliveries by number, which is never given out twice."""
