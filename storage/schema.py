"""The tables: cameras, runs, the cameras of a run, their events, tracks, and observations.

::

    cameras ──< run_cameras >── runs ──< writers      frame accounting, per run and camera
                    │
                    ├──< camera_events
                    └──< tracks ──< observations

Deleting a run deletes all that hangs on it. Why times are integers, and why observations are clustered by track:
docs/adr/0005-storage.md. What ``writers`` is for: docs/adr/0010-written-once-whatever-breaks.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    JSON,
    REAL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    type_coerce,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.times import UtcTime

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up by itself only in an INTEGER
NAME_LENGTH = 64
WORD_LENGTH = 12


def duration_us(track: type[TrackRow]) -> ColumnElement[int]:
    """Microseconds from the first observation of a track to its last."""
    return type_coerce(track.last_at, BigInteger) - type_coerce(track.first_at, BigInteger)


class Base(DeclarativeBase):
    """Root of the tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcTime(), int: BigInteger(), float: REAL()}


class CameraRow(Base):
    """A camera of the site."""

    __tablename__ = "cameras"

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)


class RunRow(Base):
    """One replay, or one life of the daemon. Its id is never used again, even after it was deleted."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'complete', 'incomplete')", name="status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    status: Mapped[str] = mapped_column(String(WORD_LENGTH))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it is incomplete."""
    version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """Sitewatch's."""
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The effective configuration."""
    weights: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Role of each network, such as detector, and its provenance: name, sha256, input, runtime, precision."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    host: Mapped[str] = mapped_column(Text)
    process: Mapped[str] = mapped_column(Text)
    """Which process of the host runs it: tells a run that goes on from one whose process died."""


class RunCameraRow(Base):
    """A camera in a run, and what became of its frames."""

    __tablename__ = "run_cameras"
    __table_args__ = (Index(None, "camera_id"),)

    run_id: Mapped[int] = mapped_column(_ID, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[int] = mapped_column(_ID, ForeignKey("cameras.id"), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    captured: Mapped[int] = mapped_column(default=0)
    processed: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Frames dropped, by reason."""
    damaged: Mapped[int] = mapped_column(default=0)


class WriterRow(Base):
    """A writer that tries again, and how many of its transactions are committed: each counts itself."""

    __tablename__ = "writers"
    __table_args__ = (Index(None, "run_id"),)

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    run_id: Mapped[int] = mapped_column(_ID, ForeignKey("runs.id", ondelete="CASCADE"))
    committed: Mapped[int]


class CameraEventRow(Base):
    """Something that was the matter with a camera, such as that it was offline; of each kind one at a time."""

    __tablename__ = "camera_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "camera_id"],
            ["run_cameras.run_id", "run_cameras.camera_id"],
            ondelete="CASCADE",
        ),
        Index(None, "camera_id", "began_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    run_id: Mapped[int] = mapped_column(_ID)
    camera_id: Mapped[int] = mapped_column(_ID)
    kind: Mapped[str] = mapped_column(String(NAME_LENGTH))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Absent while it goes on."""
    detail: Mapped[str] = mapped_column(Text)


OPEN_EVENT_INDEX = Index(
    "uq_camera_events_open",
    CameraEventRow.run_id,
    CameraEventRow.camera_id,
    CameraEventRow.kind,
    unique=True,
    sqlite_where=CameraEventRow.ended_at.is_(None),
    postgresql_where=CameraEventRow.ended_at.is_(None),
)
"""What is under way does not begin again; also finds what is to end, however many events there were."""


class TrackRow(Base):
    """A person in a run of a camera. ``number`` is the tracker's id; no other track of that run has it."""

    __tablename__ = "tracks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "camera_id"],
            ["run_cameras.run_id", "run_cameras.camera_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("run_id", "camera_id", "number"),
        Index(None, "camera_id", "first_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    run_id: Mapped[int] = mapped_column(_ID)
    camera_id: Mapped[int] = mapped_column(_ID)
    number: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    first_frame: Mapped[int]
    last_frame: Mapped[int]
    observations: Mapped[int]
    """How many there are, of all origins."""
    interpolated: Mapped[int]
    """How many of them are interpolated."""


Index("ix_tracks_camera_id_duration", TrackRow.camera_id, duration_us(TrackRow))
"""Gives the longest track of a camera at once: none that began earlier than so long ago can still be in view."""


class ObservationRow(Base):
    """Where a track was in a frame: box and foot point in pixels, media time in UTC."""

    __tablename__ = "observations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    track_id: Mapped[int] = mapped_column(_ID, ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    media_time: Mapped[datetime] = mapped_column(primary_key=True)
    frame_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    left_px: Mapped[float]
    top_px: Mapped[float]
    right_px: Mapped[float]
    bottom_px: Mapped[float]
    score: Mapped[float]
    foot_x_px: Mapped[float]
    foot_y_px: Mapped[float]
    origin: Mapped[str] = mapped_column(String(WORD_LENGTH))
