"""What a database holds of a daemon's life, on SQLite and PostgreSQL: rows once, without holes, and frames that add up."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.engine import open_database, reading
from storage.records import RunStatus
from storage.schema import CameraRow, ObservationRow, TrackRow
from tests.daemons import runs_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def check_stored(database: Path | str) -> int:
    """No observation is there twice, and tracks know how many they have; returns how many observations there are.

    An observation is known by camera, frame and place: not by its key, which could not be there twice.
    """
    engine = open_database(database)
    try:
        with reading(engine).connect() as connection:
            seen = connection.execute(
                select(
                    TrackRow.run_id,
                    TrackRow.camera_id,
                    ObservationRow.frame_index,
                    ObservationRow.media_time,
                    ObservationRow.left_px,
                    ObservationRow.top_px,
                ).join(TrackRow, TrackRow.id == ObservationRow.track_id)
            ).all()
            assert len(seen) == len(set(seen))
            counted = select(func.count()).where(ObservationRow.track_id == TrackRow.id).scalar_subquery()
            wrong = connection.execute(select(TrackRow.id).where(TrackRow.observations != counted)).all()
            assert not wrong
            return len(seen)
    finally:
        engine.dispose()


def check_ended_well(database: Path | str) -> None:
    """The latest run is complete, and all of its frames are accounted for."""
    run = runs_of(database)[-1]
    assert run.status is RunStatus.COMPLETE, run.reason
    for frames in run.frames.values():
        assert frames.in_flight == 0
        assert frames.captured == frames.processed + sum(frames.dropped.values())


def track_count(database: Path | str) -> int:
    """How many tracks there are, of all cameras and runs."""
    engine = open_database(database)
    try:
        with reading(engine).connect() as connection:
            return connection.execute(select(func.count()).select_from(TrackRow)).scalar_one()
    finally:
        engine.dispose()


def media_times(database: Path | str, camera_id: str) -> list[datetime]:
    """When somebody was seen by a camera, in order."""
    engine = open_database(database)
    try:
        with reading(engine).connect() as connection:
            times = connection.execute(
                select(ObservationRow.media_time)
                .distinct()
                .join(TrackRow, TrackRow.id == ObservationRow.track_id)
                .join(CameraRow, CameraRow.id == TrackRow.camera_id)
                .where(CameraRow.name == camera_id)
                .order_by(ObservationRow.media_time)
            )
            return list(times.scalars())
    finally:
        engine.dispose()


def longest_hole_s(database: Path | str, camera_id: str) -> float:
    """The longest time for which a camera saw nobody, between the first observation and the last."""
    times = media_times(database, camera_id)
    return max((after - before).total_seconds() for before, after in pairwise(times))
