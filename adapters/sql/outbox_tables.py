"""The tables of what is to be told to receivers, and of what they were told."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

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

told_secrets = Table(
    "told_secrets",
    metadata,
    Column("secret_uid", LargeBinary(16), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("version", Integer, nullable=False),
)
"""What was last told of a secret, to see what an update has changed."""
