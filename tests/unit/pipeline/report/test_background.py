"""The scene without its people."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.report.background import SceneBackground

NOBODY = np.empty((0, 4), np.float32)


def scene() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rows, columns = np.mgrid[0:60, 0:80]
    return np.stack([rows * 3, columns * 2, rows + columns], axis=-1).astype(np.uint8)


def test_who_walks_by_is_gone_even_where_the_detector_missed_him() -> None:
    background = SceneBackground(samples=16)
    for frame in range(40):
        image = scene()
        image[20:40, 2 * frame : 2 * frame + 6] = 255
        background.add(image, NOBODY)
    picture = background.picture()
    assert picture is not None
    assert np.abs(picture.astype(int) - scene()).max() <= 2


def test_who_stands_still_is_gone_where_the_detector_saw_him() -> None:
    background = SceneBackground(samples=16)
    for frame in range(10):
        image = scene()
        if frame < 8:  # most of the time
            image[20:40, 30:36] = 255
        background.add(image, np.array([[30, 20, 36, 40]]) if frame < 8 else NOBODY)
    picture = background.picture()
    assert picture is not None
    assert (picture == scene()).all()


def test_a_place_that_was_never_free_is_filled_from_around_it() -> None:
    background = SceneBackground()
    for _ in range(5):
        image = scene()
        image[20:40, 30:36] = 255
        background.add(image, np.array([[30.0, 20.0, 36.0, 40.0], [np.nan, 0, 1, 1]]))
    picture = background.picture()
    assert picture is not None
    assert picture[20:40, 30:36].max() < 200
    assert np.abs(picture.astype(int) - scene()).max() < 60


def test_a_picture_that_was_always_full_is_grey_and_no_frame_is_no_picture() -> None:
    background = SceneBackground()
    assert background.picture() is None
    background.add(scene(), np.array([[-10.0, -10.0, 500.0, 500.0]]))
    picture = background.picture()
    assert picture is not None
    assert (picture == 128).all()


def test_samples_are_bounded_and_spread_over_the_recording() -> None:
    background = SceneBackground(samples=8)
    wanted = []
    for frame in range(1000):
        if background.wants_next():
            wanted.append(frame)
        background.add(np.full((4, 4, 3), frame % 251, np.uint8), NOBODY)
    assert 4 <= len(background._images) < 8
    assert len(wanted) < 60
    assert max(wanted) > 750
    with pytest.raises(ValueError, match="at least 2"):
        SceneBackground(samples=1)


def test_large_and_changing_frames_are_brought_to_one_size() -> None:
    background = SceneBackground(longest_side_px=40)
    background.add(scene(), NOBODY)
    background.add(np.zeros((30, 30, 3), np.uint8), NOBODY)
    picture = background.picture()
    assert picture is not None
    assert picture.shape == (30, 40, 3)
