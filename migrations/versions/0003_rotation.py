"""Rotation: keys with a purpose, the succession of root keys, rotations, leases.

Values are indexed by the data key that they are sealed under, so that a rotation finds what is
left, and a key that is still needed is seen at once.
"""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcDateTime

revision = "0003"
down_revision = "0002"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _extend_data_keys()
    _create_root_keys()
    _create_rotations()
    _create_leases()
    op.create_index(
        "ix_secrets_data_key", "secrets", [sa.text("substr(encrypted_value, 5, 16)"), "id"]
    )
    op.create_index(
        "ix_secret_versions_data_key",
        "secret_versions",
        [sa.text("substr(encrypted_value, 5, 16)"), "secret_id", "version"],
    )


def _extend_data_keys() -> None:
    purpose = sa.Column("purpose", sa.String(16), server_default="seal", nullable=False)
    op.add_column("data_keys", purpose)
    op.add_column("data_keys", sa.Column("retired_at", UtcDateTime))
    op.add_column("data_keys", sa.Column("destroyed_at", UtcDateTime))
    op.drop_index("uq_data_keys_active", "data_keys")
    op.create_index(
        "uq_data_keys_active",
        "data_keys",
        ["purpose"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def _create_root_keys() -> None:
    op.create_table(
        "root_keys",
        sa.Column("generation", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("generation", name="pk_root_keys"),
    )


def _create_rotations() -> None:
    op.create_table(
        "rotations",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("new_key", sa.String(16), nullable=False),
        sa.Column("old_keys", sa.Text, nullable=False),
        sa.Column("cipher", sa.String(32), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("resealed", sa.BigInteger, nullable=False),
        sa.Column("unreadable", sa.BigInteger, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("started_by", sa.String(255), nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("receipt", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_rotations"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_rotations_running",
        "rotations",
        [sa.column("finished_at").is_(None)],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_leases"),
    )
