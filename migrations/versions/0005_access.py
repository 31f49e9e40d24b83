"""Access: principals, their tokens, roles, and who is bound to which."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0005"
down_revision = "0004"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_principals()
    _create_tokens()
    _create_roles()
    _create_bindings()


def _create_principals() -> None:
    op.create_table(
        "principals",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_principals"),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        sa.ForeignKeyConstraint(
            ["principal"], ["principals.name"], name="fk_tokens_principal", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_principal", "tokens", ["principal"])


def _create_roles() -> None:
    op.create_table(
        "roles",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("grants", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_roles"),
    )


def _create_bindings() -> None:
    op.create_table(
        "bindings",
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("principal", "role", name="pk_bindings"),
        sa.ForeignKeyConstraint(
            ["principal"], ["principals.name"], name="fk_bindings_principal", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_bindings_role", "bindings", ["role", "principal"])
