"""Many small batches as one structure of arrays, so that a transaction costs no loop over its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from storage.records import ObservationOrigin
from storage.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from storage.records import ObservationBatch

ORIGINS = tuple(ObservationOrigin)
_ORIGIN_CODES = {origin: code for code, origin in enumerate(ORIGINS)}

Extent = tuple[int, int, int, int, int, int]
"""First and last media time of a track in microseconds, its first and last frame, its observations, and how many of
them are interpolated."""


@dataclass(frozen=True, slots=True, eq=False)
class StackedRows:
    """Observations of several frames and cameras, in the order in which they were put.

    Attributes:
        cameras: names, by code.
        camera: (N,) int64 codes.
        number: (N,) int64, the trackers' ids.
        media_time_us: (N,) int64.
        frame_index: (N,) int64.
        xyxy: (N, 4) float32 pixels.
        score: (N,) float32.
        origin: (N,) int64 positions in ``ORIGINS``.
    """

    cameras: tuple[str, ...]
    camera: NDArray[np.int64]
    number: NDArray[np.int64]
    media_time_us: NDArray[np.int64]
    frame_index: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    origin: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True, eq=False)
class TrackGroups:
    """The tracks of stacked rows, M of them, in the order of their first row.

    Attributes:
        group: (N,) int64, the track of each row.
        camera: (M,) int64 codes.
        number: (M,) int64.
        first_us: (M,) int64, the least media time of the rows.
        last_us: (M,) int64.
        first_frame: (M,) int64.
        last_frame: (M,) int64.
        observations: (M,) int64, how many rows.
        interpolated: (M,) int64, how many of them are interpolated.
    """

    group: NDArray[np.int64]
    camera: NDArray[np.int64]
    number: NDArray[np.int64]
    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    first_frame: NDArray[np.int64]
    last_frame: NDArray[np.int64]
    observations: NDArray[np.int64]
    interpolated: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.number)

    def extents(self) -> list[Extent]:
        """Of each track, as Python's numbers."""
        columns = (
            self.first_us,
            self.last_us,
            self.first_frame,
            self.last_frame,
            self.observations,
            self.interpolated,
        )
        return list(zip(*(column.tolist() for column in columns), strict=True))


def stack(batches: Sequence[ObservationBatch]) -> StackedRows:
    """All rows of ``batches``, of which there is at least one."""
    codes = {name: code for code, name in enumerate(dict.fromkeys(batch.camera_id for batch in batches))}
    of_batches = [
        (
            codes[batch.camera_id],
            to_micros(batch.media_time),
            batch.frame_index,
            _ORIGIN_CODES[batch.origin],
        )
        for batch in batches
    ]
    lengths = [len(batch) for batch in batches]
    camera, media_time_us, frame_index, origin = np.repeat(np.array(of_batches, np.int64).T, lengths, axis=1)
    return StackedRows(
        cameras=tuple(codes),
        camera=camera,
        number=np.concatenate([batch.track_number for batch in batches]).astype(np.int64, copy=False),
        media_time_us=media_time_us,
        frame_index=frame_index,
        xyxy=np.concatenate([batch.xyxy for batch in batches]),
        score=np.concatenate([batch.score for batch in batches]),
        origin=origin,
    )


def group_by_track(rows: StackedRows) -> TrackGroups:
    """Which tracks there are, and what the rows say of each."""
    order = np.lexsort((rows.number, rows.camera))  # stable: rows of a track stay in the order of putting
    camera, number = rows.camera[order], rows.number[order]
    differs = (camera[1:] != camera[:-1]) | (number[1:] != number[:-1])
    begins = np.concatenate(([0], np.flatnonzero(differs) + 1))
    by_first_row = np.argsort(order[begins])
    rank = np.empty(len(begins), np.int64)
    rank[by_first_row] = np.arange(len(begins))
    counts = np.concatenate((begins[1:], [len(order)])) - begins
    group = np.empty(len(order), np.int64)
    group[order] = np.repeat(rank, counts)

    times, frames = rows.media_time_us[order], rows.frame_index[order]
    interpolated = (rows.origin == _ORIGIN_CODES[ObservationOrigin.INTERPOLATED]).astype(np.int64)[order]
    return TrackGroups(
        group=group,
        camera=camera[begins][by_first_row],
        number=number[begins][by_first_row],
        first_us=np.minimum.reduceat(times, begins)[by_first_row],
        last_us=np.maximum.reduceat(times, begins)[by_first_row],
        first_frame=np.minimum.reduceat(frames, begins)[by_first_row],
        last_frame=np.maximum.reduceat(frames, begins)[by_first_row],
        observations=counts[by_first_row],
        interpolated=np.add.reduceat(interpolated, begins)[by_first_row],
    )
