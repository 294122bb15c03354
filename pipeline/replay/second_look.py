"""The second look of a replay: its tracks from the database, refined, and back into the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.replay.frame_times import as_datetime
from pipeline.second_look.refining import refined
from pipeline.second_look.sights import detected
from storage.records import ObservationBatch, ObservationOrigin, TrackRevision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.sections.replay import ReplaySettings
    from pipeline.replay.frame_times import FrameTimes
    from pipeline.second_look.sights import Sights
    from storage.records import Trajectory
    from storage.writer import ObservationWriter

_MICROSECONDS = 1e6
"""In a second; times since 1970 stay exact to the microsecond in float64."""


def take_second_look(
    camera_id: str,
    trajectories: Callable[[], Iterator[Trajectory]],
    times: FrameTimes,
    writer: ObservationWriter,
    settings: ReplaySettings,
    *,
    interval_s: float,
) -> None:
    """Fill the short gaps of every track of a camera, and smooth its way.

    Args:
        camera_id: name of the camera.
        trajectories: reads the tracks of the camera, one at a time; asked twice, each time to its end.
        times: of the frames of that camera.
        writer: takes what was filled in, and better positions for what was seen.
        settings: what to do.
        interval_s: nominal time from frame to frame.

    Raises:
        StorageError: positions cannot be written.
    """
    looked = refined(
        lambda: map(_sights, trajectories()),
        lambda first, last: times.between(first, last) / _MICROSECONDS,
        interval_s=interval_s,
        fill_gap_s=settings.fill_gap_s,
        smooth=settings.smooth_tracks,
    )
    for track in looked:
        for row in track.filled.nonzero()[0].tolist():
            writer.put(_filled(camera_id, track, row))
        if settings.smooth_tracks:
            writer.revise(_smoothed(camera_id, track))


def _sights(track: Trajectory) -> Sights:
    time_s = track.media_time_us / _MICROSECONDS
    return detected(track.summary.number, track.frame_index, time_s, track.xyxy, track.score)


def _filled(camera_id: str, track: Sights, row: int) -> ObservationBatch:
    return ObservationBatch(
        camera_id,
        int(track.frame[row]),
        as_datetime(round(float(track.time_s[row]) * _MICROSECONDS)),
        np.array([track.number]),
        track.xyxy[row : row + 1].astype(np.float32),
        track.score[row : row + 1],
        ObservationOrigin.INTERPOLATED,
    )


def _smoothed(camera_id: str, track: Sights) -> TrackRevision:
    seen = ~track.filled
    return TrackRevision(
        camera_id,
        track.number,
        track.frame[seen],
        np.rint(track.time_s[seen] * _MICROSECONDS).astype(np.int64),
        track.xyxy[seen].astype(np.float32),
    )
