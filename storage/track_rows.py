"""The rows of tracks while observations stream in: found, made on the first observation, and kept up to date."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import bindparam, case, insert, select, update

from config.errors import RecordNotFound
from storage.schema import TrackRow
from storage.stacking import group_by_track
from storage.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from storage.run_cameras import RunCameras
    from storage.stacking import StackedRows, TrackGroups

_KNOWN_TRACKS = (
    20_000  # row ids kept in memory: far more than are ever alive, little enough for a life of months
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
        keys = [
            (cameras[code], number)
            for code, number in zip(tracks.camera.tolist(), tracks.number.tolist(), strict=True)
        ]
        ids = self._known(connection, keys)
        known = [i for i, key in enumerate(keys) if key in ids]
        new = [i for i, key in enumerate(keys) if key not in ids]
        if known:
            connection.execute(_EXTEND, [{"b_id": ids[keys[i]], **_extent(tracks, i, "b_")} for i in known])
        if new:
            values = [
                {"run_id": self._run_id, "camera_id": keys[i][0], "number": keys[i][1], **_extent(tracks, i)}
                for i in new
            ]
            made = connection.execute(_INSERT, values).scalars().all()
            ids |= {keys[i]: row_id for i, row_id in zip(new, made, strict=True)}
        self._remember(ids)
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
        self._remember(ids)
        return [ids[key] for key in keys]

    def _known(self, connection: Connection, keys: list[_Key]) -> dict[_Key, int]:
        ids = {key: self._ids[key] for key in keys if key in self._ids}
        for camera in dict.fromkeys(camera for camera, _ in keys):
            missing = [
                number for key_camera, number in keys if key_camera == camera and (camera, number) not in ids
            ]
            if missing:
                stored = connection.execute(
                    select(TrackRow.number, TrackRow.id).where(
                        TrackRow.run_id == self._run_id,
                        TrackRow.camera_id == camera,
                        TrackRow.number.in_(missing),
                    )
                )
                ids.update({(camera, number): row_id for number, row_id in stored})
        return ids

    def _remember(self, ids: dict[_Key, int]) -> None:
        for key, row_id in ids.items():
            self._ids[key] = row_id
            self._ids.move_to_end(key)
        while len(self._ids) > _KNOWN_TRACKS:
            self._ids.popitem(last=False)


def _lesser(name: str) -> Any:
    column = getattr(TrackRow, name)
    value: Any = bindparam(f"b_{name}")
    return case((column > value, value), else_=column)


def _greater(name: str) -> Any:
    column = getattr(TrackRow, name)
    value: Any = bindparam(f"b_{name}")
    return case((column < value, value), else_=column)


_INSERT = insert(TrackRow).returning(TrackRow.id, sort_by_parameter_order=True)
_EXTEND = (
    update(TrackRow.__table__)  # type: ignore[arg-type]  # declared wider than it is; the ORM's update wants a key
    .where(TrackRow.id == bindparam("b_id"))
    .values(
        first_at=_lesser("first_at"),
        last_at=_greater("last_at"),
        first_frame=_lesser("first_frame"),
        last_frame=_greater("last_frame"),
        observations=TrackRow.observations + bindparam("b_observations"),
        interpolated=TrackRow.interpolated + bindparam("b_interpolated"),
    )
)


def _extent(tracks: TrackGroups, index: int, prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {
        "first_at": from_micros(int(tracks.first_us[index])),
        "last_at": from_micros(int(tracks.last_us[index])),
        "first_frame": int(tracks.first_frame[index]),
        "last_frame": int(tracks.last_frame[index]),
        "observations": int(tracks.observations[index]),
        "interpolated": int(tracks.interpolated[index]),
    }
    return {prefix + name: value for name, value in values.items()}
