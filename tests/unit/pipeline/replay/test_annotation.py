"""Boxes, numbers and trails."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from pipeline.drawing import colour_of
from pipeline.replay.annotation import Trails
from storage.records import Observation, ObservationOrigin

TIME = datetime(2026, 1, 1, tzinfo=UTC)


def seen(left: float, number: int = 3) -> Observation:
    return Observation(number, 0, TIME, (left, 20, left + 20, 80), 0.9, ObservationOrigin.DETECTED)


def test_box_and_trail_have_the_colour_of_the_track() -> None:
    trails = Trails(3.0)
    image = np.zeros((120, 200, 3), np.uint8)
    trails.draw(np.zeros_like(image), 0.0, [seen(20)])
    trails.draw(image, 0.5, [seen(120)])
    assert tuple(image[50, 120]) == colour_of(3)
    assert tuple(image[80, 80]) == colour_of(3)  # on the way of the foot point from 30 to 130


def test_a_trail_fades_and_is_forgotten() -> None:
    trails = Trails(1.0)
    blank = np.zeros((120, 200, 3), np.uint8)
    trails.draw(blank.copy(), 0.0, [seen(20)])
    trails.draw(blank.copy(), 0.5, [seen(60)])
    image = blank.copy()
    trails.draw(image, 5.0, [])
    assert not image.any()
    assert not trails._ways


def test_of_boxes_outside_the_picture_only_the_numbers_show() -> None:
    image = np.zeros((120, 200, 3), np.uint8)
    trails = Trails(1.0)
    trails.draw(image, 0.0, [seen(-500), seen(5000, number=4)])
    assert image[:25].any()  # on the plates at the upper edge of the boxes
    assert not image[25:].any()
    assert set(trails._ways) == {3, 4}
