"""Alerts, what the rules remember, and decoys."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0011"
down_revision = "0010"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_HAS_EXPIRY = sa.text("expires_at IS NOT NULL")


def upgrade() -> None:
    _create_alerts()
    _create_memory()
    _create_decoys()
    op.create_index(
        "ix_secrets_expires_at",
        "secrets",
        ["expires_at"],
        sqlite_where=_HAS_EXPIRY,
        postgresql_where=_HAS_EXPIRY,
    )


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("quiet_until", UtcDateTime, nullable=False),
        sa.Column("repeats", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("acknowledged_by", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("rule", "key", "at", name="uq_alerts_rule_key_at"),
        sqlite_autoincrement=True,
    )


def _create_memory() -> None:
    op.create_table(
        "alert_windows",
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("minute", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("rule", "key", "minute", name="pk_alert_windows"),
    )
    op.create_index("ix_alert_windows_minute", "alert_windows", ["minute"])
    op.create_table(
        "habits",
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("last_day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("principal", name="pk_habits"),
    )
    op.create_table(
        "first_reads",
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("secret_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("principal", "secret_uid", name="pk_first_reads"),
    )


def _create_decoys() -> None:
    op.create_table(
        "decoys",
        sa.Column("secret_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("after", sa.BigInteger, nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
        sa.Column("set_by", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("secret_uid", name="pk_decoys"),
    )
