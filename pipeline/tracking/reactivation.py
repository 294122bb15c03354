"""Knowing again a person who was lost: the end of one track and the start of another, by motion and appearance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.sections.tracker import TrackerSettings
    from pipeline.tracking.track_table import TrackTable

_JITTER_HEIGHTS = 0.5
"""Boxes at the ends of a gap are off by so much, whatever the speed."""
_SIZE_RATIO = 1.5
"""Nobody grows or shrinks by more while unseen."""


def known_again(
    table: TrackTable, lost: NDArray[np.intp], found: NDArray[np.intp], settings: TrackerSettings
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of lost tracks and, one to one, of the new tracks that are the same person.

    Args:
        table: the tracks.
        lost: (L,) rows that are not seen now.
        found: (F,) rows just confirmed.
        settings: thresholds.
    """
    similarity = table.feature[lost] @ table.feature[found].T  # (L, F)
    gap = table.started_s[found] - table.seen_s[lost][:, None]
    needed = settings.same_appearance + (1 - settings.same_appearance) * gap / settings.remember_s
    possible = similarity >= needed
    possible &= (gap > 0) & (gap <= settings.remember_s)
    possible &= table.class_id[lost][:, None] == table.class_id[found]
    possible &= _reachable(table.box[lost], table.start_box[found], gap, settings.max_speed_heights_per_s)
    if not possible.any():
        return lost[:0], found[:0]
    i, j = linear_sum_assignment(np.where(possible, similarity, 0.0), maximize=True)
    same = possible[i, j]
    return lost[i[same]], found[j[same]]


def _reachable(
    end: NDArray[np.float64], start: NDArray[np.float64], gap_s: NDArray[np.float64], speed: float
) -> NDArray[np.bool_]:
    """Which starts (F, 4) can be walked to from which ends (L, 4) within the gaps (L, F)."""
    end_height = (end[:, 3] - end[:, 1])[:, None]
    start_height = start[:, 3] - start[:, 1]
    way = (start[:, :2] + start[:, 2:]) - (end[:, :2] + end[:, 2:])[:, None]  # (L, F, 2), doubled
    distance = 0.5 * np.sqrt((way**2).sum(axis=2)) / end_height
    ratio = start_height / end_height
    near: NDArray[np.bool_] = distance <= speed * gap_s + _JITTER_HEIGHTS
    return near & (ratio < _SIZE_RATIO) & (ratio > 1 / _SIZE_RATIO)
