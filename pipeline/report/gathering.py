"""From observations to what a report shows of them: one track, or all frames, at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.content import Activity, TrackSummary, Trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_POINTS = 600
_MOST_BINS = 240
_BIN_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400)
_SMOOTHED_OVER_S = (
    0.5  # boxes shake: summed over single frames, a person who stands still would walk for miles
)


def summarise_track(
    number: int,
    time_s: NDArray[np.float64],
    xyxy: NDArray[np.float32],
    score: NDArray[np.float32],
    interpolated: NDArray[np.bool_],
) -> tuple[Trajectory, TrackSummary]:
    """What a report shows of one track.

    Args:
        number: the track's number.
        time_s: (N,) seconds since the first frame, rising; N >= 1.
        xyxy: (N, 4) pixels.
        score: (N,) in [0, 1]; of interpolated positions it does not count.
        interpolated: (N,) True where the second look filled a gap.

    Returns:
        The trajectory, thinned out to at most 600 points, and the summary of all observations. The length of the way
        is that of the foot point, averaged over half seconds.
    """
    count = len(time_s)
    keep = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(int))
    trajectory = Trajectory(
        number, np.asarray(time_s, np.float64)[keep], xyxy[keep].astype(np.float32), interpolated[keep]
    )
    steps, heights = _steps_and_heights(time_s, xyxy)
    summary = TrackSummary(
        number=number,
        first_s=float(time_s[0]),
        last_s=float(time_s[-1]),
        observations=count,
        interpolated=int(interpolated.sum()),
        distance_px=float(steps.sum()),
        distance_heights=float((steps / heights).sum()),
        score=float(score[~interpolated].mean()) if not interpolated.all() else 0.0,
    )
    return trajectory, summary


def activity_of(time_s: NDArray[np.float64], persons: NDArray[np.integer], duration_s: float) -> Activity:
    """Persons over time, in at most 240 bins of a round length.

    Args:
        time_s: (F,) time of each frame, seconds since the first.
        persons: (F,) tracks in each frame.
        duration_s: what the bins cover.
    """
    span = max(duration_s, 1e-9)
    bin_s = next((step for step in _BIN_STEPS_S if span / step <= _MOST_BINS), _BIN_STEPS_S[-1])
    bins = max(1, int(np.ceil(span / bin_s)))
    place = (np.asarray(time_s) / bin_s).astype(int).clip(0, bins - 1)
    frames = np.bincount(place, minlength=bins)
    total = np.bincount(place, weights=persons, minlength=bins)
    peak = np.zeros(bins, np.int64)
    np.maximum.at(peak, place, persons)
    return Activity(float(bin_s), total / np.maximum(frames, 1), peak)


def _steps_and_heights(
    time_s: NDArray[np.float64], xyxy: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of the steps between averaged foot points, pixels, and the person's height at each."""
    group = np.unique(((time_s - time_s[0]) / _SMOOTHED_OVER_S).astype(int), return_inverse=True)[1]
    size = np.bincount(group)
    boxes = np.stack([np.bincount(group, xyxy[:, column]) / size for column in range(4)], axis=1)
    foot = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    height = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    return np.linalg.norm(np.diff(foot, axis=0), axis=1), (height[1:] + height[:-1]) / 2
