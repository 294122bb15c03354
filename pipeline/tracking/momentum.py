"""Observation-centric motion: what detections say of a track's motion, where its filter has only predicted.

Reference: Cao et al. 2023, Observation-Centric SORT, 3.2 (re-update) and 3.3 (momentum).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.tracking.kalman import BoxKalman
    from pipeline.tracking.track_table import TrackTable

_STILL_HEIGHTS = 0.05
"""Below this displacement a direction is noise of the detector."""
_MOST_VIRTUAL_STEPS = 8
"""A longer gap is walked in so many steps, each measured the more exactly."""


def direction_agreement(
    table: TrackTable, rows: NDArray[np.intp], centre: NDArray[np.float64], over_s: float
) -> NDArray[np.float64]:
    """How well going to ``centre`` goes on with the motion of each track: 0.5 straight on, -0.5 straight back.

    Args:
        table: the tracks.
        rows: (P,) which track.
        centre: (P, 2) centre of the detection it might go to.
        over_s: the track's direction is taken from the detection about this long before its last.

    Returns:
        (P,) float64; 0 where track or step are too short to have a direction.
    """
    box = table.box[rows]
    last = (box[:, :2] + box[:, 2:]) * 0.5
    still = _STILL_HEIGHTS * (box[:, 3] - box[:, 1])
    age = table.seen_s[rows][:, None] - table.past_s[rows]  # (P, PAST), inf where there is no detection
    # the youngest detection that is old enough; else the oldest there is
    rank = np.where(age >= over_s - 1e-6, -age, age - 1e6)
    rank[np.isinf(age)] = -np.inf
    came = last - table.past_centre[rows, rank.argmax(axis=1)]
    goes = centre - last
    came_length = np.hypot(came[:, 0], came[:, 1])
    goes_length = np.hypot(goes[:, 0], goes[:, 1])
    cosine = (came * goes).sum(axis=1) / np.maximum(came_length * goes_length, 1e-9)
    agreement: NDArray[np.float64] = 0.5 - np.arccos(cosine.clip(-1, 1)) / np.pi
    return np.where((came_length > still) & (goes_length > 0), agreement, 0.0)


def re_update(
    kalman: BoxKalman,
    observed: NDArray[np.float64],
    last_box: NDArray[np.float64],
    found_box: NDArray[np.float64],
    gap_s: NDArray[np.float64],
    nominal_s: float,
) -> NDArray[np.float64]:
    """States predicted to the present as if the tracks had been seen on a straight way through their gap.

    Args:
        kalman: the filter.
        observed: (N, 5, 4) states when last seen.
        last_box: (N, 4) cxcywh then.
        found_box: (N, 4) cxcywh now; the caller corrects with it afterwards.
        gap_s: (N,) time between.
        nominal_s: time from frame to frame.
    """
    state = observed.copy()
    for row in range(len(state)):  # few are found again in one frame
        one = state[row : row + 1]
        frames = max(1, round(float(gap_s[row]) / nominal_s))
        steps = min(frames, _MOST_VIRTUAL_STEPS)
        stride = (found_box[row : row + 1] - last_box[row : row + 1]) / steps
        exactness = (steps / frames) ** 0.5
        for step in range(1, steps):
            kalman.predict(one, float(gap_s[row]) / steps)
            one[:] = kalman.correct(one, last_box[row : row + 1] + step * stride, exactness)
        kalman.predict(one, float(gap_s[row]) / steps)
    return state
