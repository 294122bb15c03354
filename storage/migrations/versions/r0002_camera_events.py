"""Events of cameras, and the writers that try again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_writers()
    _create_camera_events()


def downgrade() -> None:
    for table in ("camera_events", "writers"):
        op.drop_table(table)


def _create_writers() -> None:
    op.create_table(
        "writers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_writers"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_writers_run_id", ondelete="CASCADE"),
    )
    op.create_index("ix_writers_run_id", "writers", ["run_id"])


def _create_camera_events() -> None:
    op.create_table(
        "camera_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("camera_id", _ID, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_camera_events"),
        sa.ForeignKeyConstraint(
            ["run_id", "camera_id"],
            ["run_cameras.run_id", "run_cameras.camera_id"],
            name="fk_camera_events_run_id_camera_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_camera_events_camera_id_began_at_ended_at",
        "camera_events",
        ["camera_id", "began_at", "ended_at"],
    )
    op.create_index(
        "uq_camera_events_open",
        "camera_events",
        ["run_id", "camera_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
