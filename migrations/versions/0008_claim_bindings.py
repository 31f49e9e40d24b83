"""Bindings of claims: which roles a workload holds by what an issuer says of it."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0008"
down_revision = "0007"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "claim_bindings",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("anchor", sa.LargeBinary(32), nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_claim_bindings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_claim_bindings_anchor", "claim_bindings", ["anchor"])
