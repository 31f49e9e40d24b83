"""The tip of the audit log gets what vouches for it. The next start makes the first tag."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("audit_tree", sa.Column("key_id", sa.String(16)))
    op.add_column("audit_tree", sa.Column("mac", sa.LargeBinary(32)))
