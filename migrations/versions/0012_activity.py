"""Counts of how secrets are used."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "secret_activity",
        sa.Column("secret_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("reads", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("denials", sa.BigInteger, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("secret_uid", "day", "principal", name="pk_secret_activity"),
    )
    op.create_index("ix_secret_activity_day", "secret_activity", ["day"])
