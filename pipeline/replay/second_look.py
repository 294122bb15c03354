"""The second look: what a recording allows and a live camera does not, track by track from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.replay.frame_times import as_datetime
from storage.records import ObservationBatch, ObservationOrigin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.replay.frame_times import FrameTimes
    from storage.records import Trajectory


def take_second_look(
    trajectories: Iterable[Trajectory],
    times: FrameTimes,
    put: Callable[[ObservationBatch], None],
    *,
    fill_gap_s: float,
) -> None:
    """Fill the short gaps of every track of a camera.

    Args:
        trajectories: one at a time.
        times: of the frames of that camera.
        put: takes the positions that were filled in.
        fill_gap_s: longest gap to fill, seconds.

    Raises:
        StorageError: positions cannot be written.
    """
    for track in trajectories:
        for row in np.flatnonzero(np.diff(track.frame_index) > 1):
            if track.media_time_us[row + 1] - track.media_time_us[row] > fill_gap_s * 1e6:
                continue
            first, last = int(track.frame_index[row]), int(track.frame_index[row + 1])
            stamps = times.between(first, last)
            share = ((stamps - stamps[0]) / (stamps[-1] - stamps[0]))[1:-1]
            xyxy = track.xyxy[row] + (track.xyxy[row + 1] - track.xyxy[row]) * share[:, None]
            score = min(track.score[row], track.score[row + 1])
            for i in range(len(share)):
                put(
                    ObservationBatch(
                        track.summary.camera_id,
                        first + 1 + i,
                        as_datetime(int(stamps[1 + i])),
                        np.array([track.summary.number]),
                        xyxy[i : i + 1].astype(np.float32),
                        np.array([score], np.float32),
                        ObservationOrigin.INTERPOLATED,
                    )
                )
