"""The rows of tracks while observations stream in: found, made on the first observation, and kept up to date."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import insert, select

from config.errors import RecordNotFound
from storage.schema import TrackRow
from storage.stacking import group_by_track
from storage.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from storage.run_cameras import RunCameras
    from storage.stacking import Extent, StackedRows

_KNOWN_TRACKS = (
    20_000  # row ids kept in memory: far more than are ever alive, little enough for a life of months
)

_COLUMNS = (
    "run_id",
    "camera_id",
    "number",
    "first_at",
    "last_at",
    "first_frame",
    "last_frame",
    "observations",
    "interpolated",
)

_Key = tuple[int, int]  # row id of the camera, track number


class TrackRows:
    """Row ids of the tracks of one run.

    Ids are given in the order of first observation, whatever the batches: the same input gives the same ids.
    """

    def __init__(self, cameras: RunCameras) -> None:
        """Of the run of these cameras."""
        self._run_id = cameras.run_id
        self._cameras = cameras
        self._ids: OrderedDict[_Key, int] = OrderedDict()

    def forget(self) -> None:
        """Know nothing any more: a transaction was rolled back, and with it the rows of tracks that it made."""
        self._ids.clear()

    def extend(self, connection: Connection, rows: StackedRows) -> NDArray[np.int64]:
        """Count observations into their tracks, making those that are new; returns (N,) row ids of the tracks.

        Raises:
            StorageError: the database refuses.
        """
        tracks = group_by_track(rows)
        cameras = [self._cameras.row_id(name) for name in rows.cameras]
        numbers = tracks.number.tolist()
        keys = [(cameras[code], number) for code, number in zip(tracks.camera.tolist(), numbers, strict=True)]
        extents = tracks.extents()
        ids = self._known(connection, keys)
        known = [(*extent, ids[key]) for extent, key in zip(extents, keys, strict=True) if key in ids]
        new = [(extent, key) for extent, key in zip(extents, keys, strict=True) if key not in ids]
        if known:
            connection.exec_driver_sql(_extension(connection.dialect.name), known)
        if new:
            made = connection.execute(_INSERT, [self._row(*each) for each in new]).scalars().all()
            made_ids = {key: row_id for (_, key), row_id in zip(new, made, strict=True)}
            self._remember(made_ids)
            ids |= made_ids
        return np.array([ids[key] for key in keys], np.int64)[tracks.group]

    def find(self, connection: Connection, tracks: Sequence[tuple[str, int]]) -> list[int]:
        """Row ids of tracks that were observed before, each named by its camera and number.

        Raises:
            RecordNotFound: the run has no such track.
            StorageError: the database refuses.
        """
        keys = [(self._cameras.row_id(camera_id), number) for camera_id, number in tracks]
        ids = self._known(connection, list(dict.fromkeys(keys)))
        for key, (camera_id, number) in zip(keys, tracks, strict=True):
            if key not in ids:
                raise RecordNotFound(f"run {self._run_id} has no track {number} of camera {camera_id!r}")
        return [ids[key] for key in keys]

    def _known(self, connection: Connection, keys: list[_Key]) -> dict[_Key, int]:
        ids = {key: self._ids[key] for key in keys if key in self._ids}
        missing: dict[int, list[int]] = {}
        for camera, number in keys:
            if (camera, number) not in ids:
                missing.setdefault(camera, []).append(number)
        for camera, numbers in missing.items():
            stored = connection.execute(
                select(TrackRow.number, TrackRow.id).where(
                    TrackRow.run_id == self._run_id,
                    TrackRow.camera_id == camera,
                    TrackRow.number.in_(numbers),
                )
            )
            found = {(camera, number): row_id for number, row_id in stored}
            self._remember(found)
            ids |= found
        return ids

    def _remember(self, ids: dict[_Key, int]) -> None:
        self._ids.update(ids)
        while len(self._ids) > _KNOWN_TRACKS:
            self._ids.popitem(last=False)  # a track that outlives so many is found again in the database

    def _row(self, extent: Extent, key: _Key) -> dict[str, Any]:
        first_us, last_us, *counts = extent
        camera, number = key
        values = (self._run_id, camera, number, from_micros(first_us), from_micros(last_us), *counts)
        return dict(zip(_COLUMNS, values, strict=True))


_INSERT = insert(TrackRow).returning(TrackRow.id, sort_by_parameter_order=True)


@cache
def _extension(dialect: str) -> str:
    """Widens a track by an :data:`Extent` of more observations; the last value is its row id."""
    least, greatest, value = ("min", "max", "?") if dialect == "sqlite" else ("least", "greatest", "%s")
    changes = (
        f"first_at = {least}(first_at, {value})",
        f"last_at = {greatest}(last_at, {value})",
        f"first_frame = {least}(first_frame, {value})",
        f"last_frame = {greatest}(last_frame, {value})",
        f"observations = observations + {value}",
        f"interpolated = interpolated + {value}",
    )
    return f"UPDATE {TrackRow.__tablename__} SET {', '.join(changes)} WHERE id = {value}"  # noqa: S608 - no value is in it
