"""What receivers were last told of secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "told_secrets",
        sa.Column("secret_uid", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("secret_uid", name="pk_told_secrets"),
    )
