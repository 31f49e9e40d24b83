"""The tables of alerts, and of what the rules remember."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from adapters.sql.tables import Id, metadata
from adapters.sql.types import UtcDateTime

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rule", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("key", String(300), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("summary", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("quiet_until", UtcDateTime, nullable=False),
    Column("repeats", BigInteger, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(255)),
    UniqueConstraint("rule", "key", "at"),
    sqlite_autoincrement=True,
)
"""Whoever folds the log a second time by mistake cannot raise an alert a second time."""

alert_windows = Table(
    "alert_windows",
    metadata,
    Column("rule", String(32), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    Index("ix_alert_windows_minute", "minute"),
)

habits = Table(
    "habits",
    metadata,
    Column("principal", String(255), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
)

first_reads = Table(
    "first_reads",
    metadata,
    Column("principal", String(255), primary_key=True),
    Column("secret_uid", LargeBinary(16), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Who has read which secret since when; the empty principal stands for anybody."""

decoys = Table(
    "decoys",
    metadata,
    Column("secret_uid", LargeBinary(16), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("set_by", String(255), nullable=False),
)
"""Apart from `secrets`, so that no reading of a secret ever meets the flag."""
