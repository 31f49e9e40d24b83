"""What erased entries of the audit log have left of access."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "audit_left",
        sa.Column("thing", sa.String(300), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.String(64)),
        sa.Column("holder", sa.String(255)),
        sa.PrimaryKeyConstraint("thing", name="pk_audit_left"),
    )
