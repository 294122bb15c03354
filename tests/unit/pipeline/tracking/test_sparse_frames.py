"""Frames that come seldom, as from a still scene behind the motion gate: one without a box ends no track."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from config.sections.tracker import TrackerSettings
from models.detections import Detections
from pipeline.tracking.tracker import Tracker

_NOBODY = Detections.empty()
_SOMEBODY = Detections(
    np.array([[50, 50, 90, 150]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int64)
)


def ids(times_s: list[float], overlooked: set[int]) -> list[list[int]]:
    """Who is seen in each frame: one person who stands, but in the frames of these numbers."""
    tracker = Tracker(TrackerSettings(), frame_rate_hz=10)
    return [
        tracker.update(_NOBODY if index in overlooked else _SOMEBODY, time_s=time_s).id.tolist()
        for index, time_s in enumerate(times_s)
    ]


@pytest.mark.parametrize("period_s", [0.1, 1.0, 1.1, 1.9])
def test_one_frame_without_a_box(period_s: float) -> None:
    times_s = [index * period_s for index in range(12)]
    assert max(later - earlier for earlier, later in pairwise(times_s)) < TrackerSettings().lost_s
    said = ids(times_s, {5, 9})
    assert said == [[] if index in {5, 9} else [1] for index in range(12)]


def test_two_in_a_row_are_too_many_where_they_last_longer_than_lost_s() -> None:
    said = ids([index * 1.1 for index in range(12)], {5, 6})
    assert said[4] == [1]
    assert said[-1] == [2]


def test_after_an_outage_nobody_is_taken_for_who_was_there() -> None:
    times_s = [0.0, 1.0, 2.0, 30.0, 31.0, 32.0, 33.0]
    assert ids(times_s, set())[-1] == [2]
