"""Motion of the camera from its pictures, on scenes whose motion is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from config.sections.tracker import TrackerSettings
from models.detections import Detections
from pipeline.tracking.picture_motion import PictureMotion
from pipeline.tracking.tracker import Tracker

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEIGHT, _WIDTH = 360, 480
_NOBODY = np.empty((0, 4), np.float32)


@pytest.fixture(scope="module")
def wall() -> NDArray[np.uint8]:
    """A large wall with many patches to follow."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 256, (60, 80, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (960, 720), interpolation=cv2.INTER_CUBIC), np.uint8)


def view(wall: NDArray[np.uint8], shift: tuple[float, float], turn_deg: float = 0.0) -> NDArray[np.uint8]:
    """What a camera sees of the wall after it turned: the scene moves by ``shift`` pixels."""
    matrix = cv2.getRotationMatrix2D((_WIDTH / 2, _HEIGHT / 2), turn_deg, 1.0)
    matrix[:, 2] += np.array(shift) - 100
    return np.asarray(cv2.warpAffine(wall, matrix, (_WIDTH, _HEIGHT)), np.uint8)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (7.0, -4.0), (-31.0, 12.5)])
def test_a_camera_that_pans(wall: NDArray[np.uint8], shift: tuple[float, float]) -> None:
    motion = PictureMotion()
    assert motion.estimate(view(wall, (0, 0)), _NOBODY) is None
    seen = motion.estimate(view(wall, shift), _NOBODY)
    assert seen is not None
    np.testing.assert_allclose(seen[:, :2], np.eye(2), atol=0.01)
    middle = np.array([_WIDTH / 2, _HEIGHT / 2])
    np.testing.assert_allclose(seen @ [*middle, 1], middle + shift, atol=0.5)


def test_a_camera_that_rolls(wall: NDArray[np.uint8]) -> None:
    motion = PictureMotion()
    motion.estimate(view(wall, (0, 0)), _NOBODY)
    seen = motion.estimate(view(wall, (0, 0), turn_deg=3), _NOBODY)
    assert seen is not None
    assert np.rad2deg(np.arctan2(seen[0, 1], seen[0, 0])) == pytest.approx(3, abs=0.2)


def test_people_who_walk_are_not_the_camera(wall: NDArray[np.uint8]) -> None:
    """Two thirds of the picture move; the boxes say that these are persons."""
    motion = PictureMotion()
    persons = np.array([[0, 0, 320, 360]], np.float32)
    for step in (0, 12):
        picture = view(wall, (0, 0))
        picture[:, :320] = view(wall, (step, 0))[:, :320]
        seen = motion.estimate(picture, persons)
    assert seen is not None
    np.testing.assert_allclose(seen, [[1, 0, 0], [0, 1, 0]], atol=0.3)


def test_nothing_to_follow() -> None:
    motion = PictureMotion()
    for _ in range(2):
        assert motion.estimate(np.full((_HEIGHT, _WIDTH, 3), 90, np.uint8), _NOBODY) is None


def test_another_scene_or_size_is_no_motion(wall: NDArray[np.uint8]) -> None:
    motion = PictureMotion()
    motion.estimate(view(wall, (0, 0)), _NOBODY)
    other = np.random.default_rng(1).integers(0, 256, (_HEIGHT, _WIDTH, 3), np.uint8)
    assert motion.estimate(other, _NOBODY) is None
    assert motion.estimate(other[:200], _NOBODY) is None


def test_the_same_pictures_give_the_same_motion(wall: NDArray[np.uint8]) -> None:
    told = []
    for _ in range(2):
        motion = PictureMotion()
        motion.estimate(view(wall, (0, 0)), _NOBODY)
        told.append(motion.estimate(view(wall, (5, 5), 1), _NOBODY))
    np.testing.assert_array_equal(told[0], told[1])


def test_a_track_goes_with_a_camera_that_jerks() -> None:
    """A jerk of two widths of the person: without being told of it the tracker loses the id."""
    ids = {}
    for told in (True, False):
        tracker = Tracker(TrackerSettings(camera_motion="none"), frame_rate_hz=10)
        for frame in range(20):
            at = 50.0 + (80 if frame >= 10 else 0)
            found = Detections(
                np.array([[at, 50, at + 40, 150]], np.float32),
                np.array([0.9], np.float32),
                np.zeros(1, np.int64),
            )
            jerk = np.array([[1, 0, 80], [0, 1, 0]], np.float64) if told and frame == 10 else None
            tracks = tracker.update(found, time_s=frame / 10, camera_motion=jerk)
        ids[told] = tracks.id.tolist()
    assert ids == {True: [1], False: [2]}
