"""What the tracker remembers goes with the camera."""

from __future__ import annotations

import numpy as np

from pipeline.tracking.kalman import BoxKalman, BoxNoise, to_cxcywh
from pipeline.tracking.track_table import TrackTable


def table() -> TrackTable:
    rows = TrackTable()
    at = rows.append(2)
    box = np.array([[10.0, 20, 30, 80], [100, 50, 140, 170]])
    rows.kalman[at] = BoxKalman(BoxNoise(0.3, 0.1, 0.1, 0.6)).start(to_cxcywh(box))
    rows.kalman[at, 1] = [5, -2, 1, 0.5]
    rows.observed[at] = rows.kalman[at]
    rows.box[at] = rows.start_box[at] = box
    rows.past_centre[at, 0] = to_cxcywh(box)[:, :2]
    return rows


def test_a_shift_is_a_motion_without_turn_or_scale() -> None:
    shifted, followed = table(), table()
    shifted.move(np.array([7.0, -3.0]))
    followed.follow_camera(np.array([[1.0, 0, 7], [0, 1, -3]]))
    for name in ("kalman", "observed", "box", "start_box", "past_centre"):
        np.testing.assert_allclose(getattr(shifted, name), getattr(followed, name))


def test_there_and_back_again() -> None:
    rows, before = table(), table()
    turn = np.array([[0.8, -0.6], [0.6, 0.8]]) * 1.5
    there = np.column_stack([turn, [40.0, -10.0]])
    back = np.linalg.inv(np.vstack([there, [0, 0, 1]]))[:2]
    rows.follow_camera(there)
    assert not np.allclose(rows.box, before.box)
    np.testing.assert_allclose(rows.box[:, 2] - rows.box[:, 0], 1.5 * (before.box[:, 2] - before.box[:, 0]))
    rows.follow_camera(back)
    for name in ("kalman", "observed", "box", "start_box", "past_centre"):
        np.testing.assert_allclose(getattr(rows, name)[:, :1], getattr(before, name)[:, :1], atol=1e-9)
