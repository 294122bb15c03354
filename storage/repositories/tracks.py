"""Tracks and observations, read in the orders in which the stages, the report and the operator want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import BigInteger, exists, func, select, type_coerce
from sqlalchemy.orm import aliased

from config.errors import RecordNotFound
from storage.area import lies_in
from storage.engine import reading
from storage.records import ActivityBin, Observation, ObservationOrigin, Presence, TrackSummary, Trajectory
from storage.schema import CameraRow, ObservationRow, RunCameraRow, TrackRow, duration_us
from storage.times import from_micros, require_zone, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, Select
    from sqlalchemy.engine import Result

    from storage.area import Area

    Rows = Select[*tuple[Any, ...]]

_ROWS_A_FETCH = 2000
_SUMMARY = (
    TrackRow.run_id,
    CameraRow.name,
    TrackRow.number,
    TrackRow.first_at,
    TrackRow.last_at,
    TrackRow.first_frame,
    TrackRow.last_frame,
    TrackRow.observations,
    TrackRow.interpolated,
)
_POSITION = (
    ObservationRow.frame_index,
    ObservationRow.media_time,
    ObservationRow.left_px,
    ObservationRow.top_px,
    ObservationRow.right_px,
    ObservationRow.bottom_px,
    ObservationRow.score,
    ObservationRow.origin,
)


class TrackRepository:
    """The tracks of a database. Iterators read as they go: memory does not grow with the length of a run."""

    def __init__(self, engine: Engine) -> None:
        """``engine`` is only read."""
        self._engine = reading(engine)

    def iter_observations(self, run_id: int, camera_id: str) -> Iterator[Observation]:
        """All observations of a camera, frame by frame, and by track number within a frame.

        Raises:
            RecordNotFound: the run does not have that camera.
        """
        with self._engine.connect() as connection:
            camera = _camera_of_run(connection, run_id, camera_id)
            statement = (
                select(TrackRow.number, *_POSITION)
                .join(ObservationRow, ObservationRow.track_id == TrackRow.id)
                .where(TrackRow.run_id == run_id, TrackRow.camera_id == camera)
                .order_by(ObservationRow.frame_index, TrackRow.number)
            )
            for number, frame_index, media_time, left, top, right, bottom, score, origin in _stream(
                connection, statement
            ):
                xyxy = (left, top, right, bottom)
                yield Observation(number, frame_index, media_time, xyxy, score, ObservationOrigin(origin))

    def iter_tracks(
        self,
        run_id: int | None = None,
        camera_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        area: Area | None = None,
    ) -> Iterator[Trajectory]:
        """Whole tracks, one at a time, by run, camera and number; the filters are those of :meth:`summaries`.

        Raises:
            NaiveTimeError: a time without a zone.
        """
        statement = _select_tracks(run_id, camera_id, start, end, area)
        with self._engine.connect() as connection, self._engine.connect() as inner:
            for row_id, *summary in _stream(connection, statement):
                yield _trajectory(inner, row_id, TrackSummary(*summary))

    def get(self, run_id: int, camera_id: str, number: int) -> Trajectory:
        """One track.

        Raises:
            RecordNotFound: the run has no such track.
        """
        statement = _select_tracks(run_id, camera_id).where(TrackRow.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(statement).one_or_none()
            if row is None:
                raise RecordNotFound(
                    f"run {run_id} has no track {number} of camera {camera_id!r}: "
                    "sitewatch tracks list shows what there is"
                )
            return _trajectory(connection, row[0], TrackSummary(*row[1:]))

    def summaries(
        self,
        run_id: int | None = None,
        camera_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        area: Area | None = None,
        limit: int | None = None,
    ) -> Iterator[TrackSummary]:
        """Tracks by run, camera and number.

        Args:
            run_id: only of this run.
            camera_id: only of this camera.
            start: only those seen at this media time or later.
            end: only those seen before this media time.
            area: only those that stood in it in the meantime.
            limit: at most so many.

        Raises:
            NaiveTimeError: a time without a zone.
        """
        statement = _select_tracks(run_id, camera_id, start, end, area).limit(limit)
        with self._engine.connect() as connection:
            for _, *summary in _stream(connection, statement):
                yield TrackSummary(*summary)

    def present_in(
        self,
        camera_id: str,
        area: Area | None,
        start: datetime,
        end: datetime,
        run_id: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Presence]:
        """Who stood in an area at or after ``start`` and before ``end``, by the time of entering it.

        One query: tracks of the camera by index on their time, then their observations by primary key.

        Args:
            camera_id: name of the camera.
            area: where the foot point must lie; anywhere when absent.
            start: media time.
            end: media time.
            run_id: of all runs when absent.
            limit: at most so many.

        Raises:
            NaiveTimeError: a time without a zone.
        """
        with self._engine.connect() as connection:
            for row in _stream(connection, presence_query(camera_id, area, start, end, run_id).limit(limit)):
                *summary, entered_at, left_at, observations = row
                yield Presence(TrackSummary(*summary), entered_at, left_at, observations)

    def activity(self, run_id: int, camera_id: str, bin_s: float) -> list[ActivityBin]:
        """How many tracks and observations each slice of ``bin_s`` seconds holds; empty slices are left out.

        Slices are counted from the first observation of the camera in that run.

        Raises:
            RecordNotFound: the run does not have that camera.
            ValueError: ``bin_s`` is less than a microsecond.
        """
        width = round(bin_s * 1_000_000)
        if width < 1:
            raise ValueError(f"bin_s must be at least a microsecond, is {bin_s}")
        with self._engine.connect() as connection:
            camera = _camera_of_run(connection, run_id, camera_id)
            of_camera = (TrackRow.run_id == run_id, TrackRow.camera_id == camera)
            begin = connection.execute(select(func.min(TrackRow.first_at)).where(*of_camera)).scalar_one()
            if begin is None:
                return []
            micros = type_coerce(ObservationRow.media_time, BigInteger)
            slices = (
                select(((micros - to_micros(begin)) // width).label("slice"), ObservationRow.track_id)
                .join(TrackRow, TrackRow.id == ObservationRow.track_id)
                .where(*of_camera)
                .subquery()
            )
            counts = connection.execute(
                select(slices.c.slice, func.count(slices.c.track_id.distinct()), func.count())
                .group_by(slices.c.slice)
                .order_by(slices.c.slice)
            )
            return [
                ActivityBin(from_micros(to_micros(begin) + index * width), tracks, observations)
                for index, tracks, observations in counts
            ]


def presence_query(
    camera_id: str, area: Area | None, start: datetime, end: datetime, run_id: int | None = None
) -> Rows:
    """The query of :meth:`TrackRepository.present_in`."""
    entered_at = func.min(ObservationRow.media_time)
    return (
        select(*_SUMMARY, entered_at, func.max(ObservationRow.media_time), func.count())
        .join(CameraRow, CameraRow.id == TrackRow.camera_id)
        .join(ObservationRow, ObservationRow.track_id == TrackRow.id)
        .where(*_track_conditions(run_id, camera_id, start, end), *_observation_conditions(start, end, area))
        .group_by(TrackRow.id, CameraRow.id)
        .order_by(entered_at, TrackRow.run_id, TrackRow.number)
    )


def _select_tracks(
    run_id: int | None = None,
    camera_id: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    area: Area | None = None,
) -> Rows:
    statement = (
        select(TrackRow.id, *_SUMMARY)
        .join(CameraRow, CameraRow.id == TrackRow.camera_id)
        .where(*_track_conditions(run_id, camera_id, start, end))
        .order_by(TrackRow.run_id, CameraRow.name, TrackRow.number)
    )
    if area is None:
        return statement
    return statement.where(
        exists().where(ObservationRow.track_id == TrackRow.id, *_observation_conditions(start, end, area))
    )


def _track_conditions(
    run_id: int | None, camera_id: str | None, start: datetime | None, end: datetime | None
) -> Iterator[ColumnElement[bool]]:
    """By index: the tracks that can have been there at the time."""
    if run_id is not None:
        yield TrackRow.run_id == run_id
    if camera_id is not None:
        yield CameraRow.name == camera_id
    if start is not None:
        yield TrackRow.last_at >= require_zone(start)
        if camera_id is not None:
            yield _began_late_enough(camera_id, start)
    if end is not None:
        yield TrackRow.first_at < require_zone(end)


def _began_late_enough(camera_id: str, start: datetime) -> ColumnElement[bool]:
    """Not longer before ``start`` than the longest track of the camera lasts: bounds the search from below.

    That a track ended after ``start`` follows from no index on when it began, and the tracks before an interval are
    all of the past.
    """
    past = aliased(TrackRow)
    camera = select(CameraRow.id).where(CameraRow.name == camera_id).scalar_subquery()
    longest = select(func.max(duration_us(past))).where(past.camera_id == camera).scalar_subquery()
    return type_coerce(TrackRow.first_at, BigInteger) >= to_micros(start) - longest


def _observation_conditions(
    start: datetime | None, end: datetime | None, area: Area | None
) -> Iterator[ColumnElement[bool]]:
    if start is not None:
        yield ObservationRow.media_time >= require_zone(start)
    if end is not None:
        yield ObservationRow.media_time < require_zone(end)
    if area is not None:
        yield lies_in(area, ObservationRow.foot_x_px, ObservationRow.foot_y_px)


def _stream(connection: Connection, statement: Rows) -> Result[*tuple[Any, ...]]:
    return connection.execute(statement, execution_options={"yield_per": _ROWS_A_FETCH})


def _camera_of_run(connection: Connection, run_id: int, camera_id: str) -> int:
    statement = (
        select(CameraRow.id)
        .join(RunCameraRow, RunCameraRow.camera_id == CameraRow.id)
        .where(RunCameraRow.run_id == run_id, CameraRow.name == camera_id)
    )
    camera = connection.execute(statement).scalar_one_or_none()
    if camera is None:
        raise RecordNotFound(
            f"run {run_id} has no camera {camera_id!r}: sitewatch db status lists runs and cameras"
        )
    return camera


def _trajectory(connection: Connection, row_id: int, summary: TrackSummary) -> Trajectory:
    """Rows become arrays a piece at a time: as Python's numbers a track of many hours would take ten times the memory."""
    micros = type_coerce(ObservationRow.media_time, BigInteger)
    rows = _stream(
        connection,
        select(ObservationRow.frame_index, micros, *_POSITION[2:])
        .where(ObservationRow.track_id == row_id)
        .order_by(ObservationRow.media_time, ObservationRow.frame_index),
    )
    stamps, pixels, origins = [], [], []
    for piece in rows.partitions():
        frame_index, media_time_us, left, top, right, bottom, score, origin = zip(*piece, strict=True)
        stamps.append(np.array([frame_index, media_time_us], np.int64))
        pixels.append(np.array([left, top, right, bottom, score], np.float32))
        origins += [ObservationOrigin(value) for value in origin]
    stamp, pixel = np.concatenate(stamps, axis=1), np.concatenate(pixels, axis=1)  # (2, N), (5, N)
    return Trajectory(
        summary=summary,
        frame_index=stamp[0],
        media_time_us=stamp[1],
        xyxy=pixel[:4].T.copy(),
        score=pixel[4],
        origin=origins,
    )
