"""Entries of the audit log get a digest of what a write left unsealed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("facts", sa.String(64)))
