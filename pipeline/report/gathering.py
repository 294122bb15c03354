"""From the observations of a track to what a report shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.content import TrackSummary, Trajectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_POINTS = 600
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
