"""The rows of tracks while observations stream in: found, made on the first observation, and kept up to date."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, bindparam, case, insert, select, update

from config.errors import RecordNotFound
from storage.records import ObservationOrigin
from storage.schema import CameraRow, RunCameraRow, TrackRow
from storage.times import UtcTime, from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from storage.bulk import TrackIds
    from storage.records import ObservationBatch

_KNOWN_TRACKS = (
    20_000  # row ids kept in memory: far more than are ever alive, little enough for a life of months
)


class _Extent(NamedTuple):
    """What a batch adds to a track."""

    number: int
    first_at: datetime
    last_at: datetime
    first_frame: int
    last_frame: int
    observations: int
    interpolated: int


class TrackRows:
    """Row ids of the tracks of one run. Ids are given in the order of first observation, so they are reproducible."""

    def __init__(self, engine: Engine, run_id: int) -> None:
        self._run_id = run_id
        self._cameras = _cameras_of(engine, run_id)
        self._ids: OrderedDict[tuple[str, int], int] = OrderedDict()

    def require_camera(self, camera_id: str) -> None:
        """Refuse a camera that the run was not started with.

        Raises:
            RecordNotFound: the run does not have it.
        """
        if camera_id not in self._cameras:
            raise RecordNotFound(f"run {self._run_id} was not started with camera {camera_id!r}")

    def extend(self, connection: Connection, batches: Sequence[ObservationBatch]) -> TrackIds:
        """Count ``batches`` into their tracks, making those that are new; returns the row id of each.

        Raises:
            StorageError: the database refuses.
        """
        ids: TrackIds = {}
        for camera_id in dict.fromkeys(batch.camera_id for batch in batches):
            extents = _extents([batch for batch in batches if batch.camera_id == camera_id])
            known = self._known(connection, camera_id, extents)
            _update_tracks(connection, known, [extent for extent in extents if extent.number in known])
            new = [extent for extent in extents if extent.number not in known]
            known |= self._insert_tracks(connection, camera_id, new)
            ids |= {(camera_id, number): row_id for number, row_id in known.items()}
        self._remember(ids)
        return ids

    def _known(self, connection: Connection, camera_id: str, extents: list[_Extent]) -> dict[int, int]:
        known: dict[int, int] = {}
        for extent in extents:
            row_id = self._ids.get((camera_id, extent.number))
            if row_id is not None:
                known[extent.number] = row_id
        missing = [extent.number for extent in extents if extent.number not in known]
        if missing:
            stored = connection.execute(
                select(TrackRow.number, TrackRow.id).where(
                    TrackRow.run_id == self._run_id,
                    TrackRow.camera_id == self._cameras[camera_id],
                    TrackRow.number.in_(missing),
                )
            )
            known.update((number, row_id) for number, row_id in stored)
        return known

    def _insert_tracks(self, connection: Connection, camera_id: str, new: list[_Extent]) -> dict[int, int]:
        camera = self._cameras[camera_id]
        statement = insert(TrackRow).returning(TrackRow.id)
        return {
            extent.number: connection.execute(
                statement, {"run_id": self._run_id, "camera_id": camera, **extent._asdict()}
            ).scalar_one()
            for extent in new
        }

    def _remember(self, ids: TrackIds) -> None:
        for key, row_id in ids.items():
            self._ids[key] = row_id
            self._ids.move_to_end(key)
        while len(self._ids) > _KNOWN_TRACKS:
            self._ids.popitem(last=False)


def _cameras_of(engine: Engine, run_id: int) -> dict[str, int]:
    from storage.engine import reading

    with reading(engine).connect() as connection:
        rows = connection.execute(
            select(CameraRow.name, CameraRow.id)
            .join(RunCameraRow, RunCameraRow.camera_id == CameraRow.id)
            .where(RunCameraRow.run_id == run_id)
        )
        cameras = dict(rows.tuples().all())
    if not cameras:
        raise RecordNotFound(f"there is no run {run_id} with a camera to write to")
    return cameras


def _extents(batches: Sequence[ObservationBatch]) -> list[_Extent]:
    """What batches of one camera add to each track, in the order in which the tracks first appear."""
    lengths = [len(batch) for batch in batches]
    numbers = np.concatenate([batch.track_number for batch in batches])
    times = np.repeat(np.array([to_micros(batch.media_time) for batch in batches], np.int64), lengths)
    frames = np.repeat(np.array([batch.frame_index for batch in batches], np.int64), lengths)
    filled = np.repeat([batch.origin is ObservationOrigin.INTERPOLATED for batch in batches], lengths)
    unique, first, inverse, counts = np.unique(
        numbers, return_index=True, return_inverse=True, return_counts=True
    )
    first_at, last_at = _group_range(times, inverse, len(unique))
    first_frame, last_frame = _group_range(frames, inverse, len(unique))
    interpolated = np.bincount(inverse, weights=filled, minlength=len(unique)).astype(np.int64)
    return [
        _Extent(
            number=int(unique[i]),
            first_at=from_micros(int(first_at[i])),
            last_at=from_micros(int(last_at[i])),
            first_frame=int(first_frame[i]),
            last_frame=int(last_frame[i]),
            observations=int(counts[i]),
            interpolated=int(interpolated[i]),
        )
        for i in np.argsort(first)
    ]


def _group_range(
    values: NDArray[np.int64], group: NDArray[np.intp], groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Least and greatest of (N,) values in each of the groups."""
    bounds = np.iinfo(np.int64)
    least, greatest = np.full(groups, bounds.max), np.full(groups, bounds.min)
    np.minimum.at(least, group, values)
    np.maximum.at(greatest, group, values)
    return least, greatest


def _update_tracks(connection: Connection, ids: dict[int, int], extents: list[_Extent]) -> None:
    if not extents:
        return
    first_at, last_at = bindparam("b_first_at", type_=UtcTime()), bindparam("b_last_at", type_=UtcTime())
    first_frame, last_frame = (
        bindparam("b_first_frame", type_=BigInteger()),
        bindparam("b_last_frame", type_=BigInteger()),
    )
    statement = (
        update(TrackRow)
        .where(TrackRow.id == bindparam("b_id"))
        .values(
            first_at=case((TrackRow.first_at > first_at, first_at), else_=TrackRow.first_at),
            last_at=case((TrackRow.last_at < last_at, last_at), else_=TrackRow.last_at),
            first_frame=case((TrackRow.first_frame > first_frame, first_frame), else_=TrackRow.first_frame),
            last_frame=case((TrackRow.last_frame < last_frame, last_frame), else_=TrackRow.last_frame),
            observations=TrackRow.observations + bindparam("b_observations"),
            interpolated=TrackRow.interpolated + bindparam("b_interpolated"),
        )
    )
    connection.execute(
        statement,
        [
            {"b_id": ids[extent.number], **{f"b_{name}": value for name, value in extent._asdict().items()}}
            for extent in extents
        ],
    )
