"""Cameras, runs, tracks and observations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_cameras_and_runs()
    _create_run_cameras()
    _create_tracks()
    _create_observations()


def downgrade() -> None:
    for table in ("observations", "tracks", "run_cameras", "runs", "cameras"):
        op.drop_table(table)


def _create_cameras_and_runs() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cameras"),
        sa.UniqueConstraint("name", name="uq_cameras_name"),
    )
    op.create_table(
        "runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.CheckConstraint("status IN ('running', 'complete', 'incomplete')", name=op.f("ck_runs_status")),
        sqlite_autoincrement=True,
    )


def _create_run_cameras() -> None:
    op.create_table(
        "run_cameras",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("camera_id", _ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("processed", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.JSON(), nullable=False),
        sa.Column("damaged", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "camera_id", name="pk_run_cameras"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_cameras_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["camera_id"], ["cameras.id"], name="fk_run_cameras_camera_id"),
    )
    op.create_index("ix_run_cameras_camera_id", "run_cameras", ["camera_id"])


def _create_tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("camera_id", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("first_frame", sa.BigInteger(), nullable=False),
        sa.Column("last_frame", sa.BigInteger(), nullable=False),
        sa.Column("observations", sa.BigInteger(), nullable=False),
        sa.Column("interpolated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracks"),
        sa.ForeignKeyConstraint(
            ["run_id", "camera_id"],
            ["run_cameras.run_id", "run_cameras.camera_id"],
            name="fk_tracks_run_id_camera_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("run_id", "camera_id", "number", name="uq_tracks_run_id_camera_id_number"),
    )
    op.create_index("ix_tracks_camera_id_first_at_last_at", "tracks", ["camera_id", "first_at", "last_at"])
    op.create_index("ix_tracks_camera_id_duration", "tracks", ["camera_id", sa.text("(last_at - first_at)")])


def _create_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("track_id", _ID, nullable=False),
        sa.Column("media_time", sa.BigInteger(), nullable=False),
        sa.Column("frame_index", sa.BigInteger(), nullable=False),
        sa.Column("left_px", sa.REAL(), nullable=False),
        sa.Column("top_px", sa.REAL(), nullable=False),
        sa.Column("right_px", sa.REAL(), nullable=False),
        sa.Column("bottom_px", sa.REAL(), nullable=False),
        sa.Column("score", sa.REAL(), nullable=False),
        sa.Column("foot_x_px", sa.REAL(), nullable=False),
        sa.Column("foot_y_px", sa.REAL(), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("track_id", "media_time", "frame_index", name="pk_observations"),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name="fk_observations_track_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
